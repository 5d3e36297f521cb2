"""Pictures of every page in both languages: `python -m benchmarks.screenshots [--pages map,firm] [--replicates 100]`.

Writes docs/app/PAGE.LANGUAGE.png from a server of its own, as a laptop of 1366 × 768 shows them. Questions of many runs
are put in one language, answered for both, and waited for; all of it takes some five minutes where nothing else runs.
"""

import argparse
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playwright.sync_api import sync_playwright

from benchmarks.visitors import CHROMIUM, serving

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "app"
PATIENCE = 1_200_000  # milliseconds
SETTLED = 2_000  # milliseconds in which charts are drawn
SAVED = f"saved={quote('scenario=none')}&policy.retrofit_grant.share=0.3&policy.green_consumption.pull=0.03"
ASK, LOANS = ".lv-main-button", ".lv-span .lv-choices .lv-choice:first-child button:nth-child(2)"
# By picture: the address, what must be there, and what is clicked if it is there.
PICTURES: dict[str, tuple[str, str, str]] = {
    "forecast": ("", ".lv-tile", ""),
    "indicators": ("page=indicators", ".lv-table", ""),
    "why": ("page=why", ".lv-span", ASK),
    "money": ("page=why", LOANS, LOANS),
    "map": ("page=map&pick=degan.food", ".lv-map svg", ""),
    "by_products": ("page=map&layer=streams", ".lv-map svg", ""),
    "firm": ("page=map&pick=f3", ".lv-span .lv-table", ""),
    "compare": (f"page=compare&{SAVED}", ".lv-table", ""),
    "find": ("page=find&wish=35", ".lv-toggles", ASK),
    "files": ("page=files", ".lv-files", ""),
    "about": ("page=about", ".lv-text", ""),
}
COMPLETE = '.lv-progress[data-over="true"]'


def taken(browser: Any, address: str, name: str, language: str, folder: Path) -> None:
    """One picture."""
    query, there, click = PICTURES[name]
    began = time.monotonic()
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}/?lang={language}&{query}")
    page.wait_for_selector("#lv-front", state="detached")
    if name != "about":
        page.wait_for_selector(COMPLETE)
    page.wait_for_selector(there)
    page.wait_for_timeout(SETTLED)
    if click and page.locator(click).count():  # a question that is answered already has no button
        page.locator(click).last.scroll_into_view_if_needed()
        page.locator(click).last.click()
    if click == ASK:
        page.wait_for_selector('.lv-ask[data-over="true"]')
    if name == "money":
        page.locator(".lv-span").nth(1).locator("canvas").wait_for()
        page.locator(".lv-span").nth(1).evaluate("panel => panel.scrollIntoView({block: 'center'})")
    page.wait_for_timeout(SETTLED)
    page.screenshot(path=folder / f"{name}.{language}.png")
    page.close()
    print(f"{name}.{language}.png {time.monotonic() - began:.0f} s", flush=True)


def main() -> None:
    """Start, look, leave."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", default=",".join(PICTURES))
    parser.add_argument("--firms", type=int, default=5000)
    parser.add_argument("--replicates", type=int, default=100)
    parser.add_argument("--out", type=Path, default=FOLDER, help="where the pictures go")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    server, address = serving(options.firms, options.replicates)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            for name in options.pages.split(","):
                for language in ("en", "zh"):
                    taken(browser, address, name, language, options.out)
            browser.close()
    finally:
        server.terminate()
        server.wait(30)


if __name__ == "__main__":
    main()
