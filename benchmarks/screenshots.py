"""Pictures of every page in both languages: `python -m benchmarks.screenshots [--pages map,firm] [--replicates 100]`.

Writes docs/app/PAGE.LANGUAGE.png from a server of its own, as a laptop of 1366 × 768 shows them. Questions of many runs
are put and waited for, which takes minutes.
"""

import argparse
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playwright.sync_api import sync_playwright

from benchmarks.visitors import CHROMIUM, serving

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "app"
PATIENCE = 1_200_000  # milliseconds
SAVED = f"saved={quote('scenario=none')}&policy.retrofit_grant.share=0.3&policy.green_consumption.pull=0.03"
# By picture: the address, what must be there, and whether a question is put.
PICTURES: dict[str, tuple[str, str, bool]] = {
    "forecast": ("", ".lv-tile", False),
    "indicators": ("page=indicators", ".lv-table", False),
    "why": ("page=why", ".lv-span", True),
    "map": ("page=map&pick=degan.food", ".lv-map svg", False),
    "by_products": ("page=map&layer=streams", ".lv-map svg", False),
    "firm": ("page=map&pick=f3", ".lv-span .lv-table", False),
    "compare": (f"page=compare&{SAVED}", ".lv-table", False),
    "find": ("page=find&wish=35", ".lv-toggles", True),
    "files": ("page=files", ".lv-files", False),
    "about": ("page=about", ".lv-text", False),
}
COMPLETE = '.lv-progress[data-over="true"]'


def taken(browser: Any, address: str, name: str, language: str) -> None:
    """One picture."""
    query, there, asked = PICTURES[name]
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}/?lang={language}&{query}")
    if name != "about":
        page.wait_for_selector(COMPLETE)
    page.wait_for_selector(there)
    if asked:
        page.locator(".lv-main-button").click()
        page.wait_for_selector('.lv-ask[data-over="true"]')
    page.wait_for_timeout(2500)
    page.screenshot(path=FOLDER / f"{name}.{language}.png")
    page.close()
    print(f"{name}.{language}.png", flush=True)


def main() -> None:
    """Start, look, leave."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", default=",".join(PICTURES))
    parser.add_argument("--firms", type=int, default=5000)
    parser.add_argument("--replicates", type=int, default=100)
    options = parser.parse_args()
    server, address = serving(options.firms, options.replicates)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            for name in options.pages.split(","):
                for language in ("en", "zh"):
                    taken(browser, address, name, language)
            browser.close()
    finally:
        server.terminate()
        server.wait(30)


if __name__ == "__main__":
    main()
