"""Refresh the numbers and pictures of the READMEs from a bundle, so that no figure is typed by hand.

`make readme` runs the main job beside the scenario without district policies, and calls this.
By hand: `python -m experiments.readme [BUNDLE]`.
"""

import shutil
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from experiments.captions import run_line
from experiments.languages import LANGUAGES, Language, Say, speaker
from experiments.marked import replaced
from experiments.results import Results
from experiments.summary import headline, markdown, sections

ROOT = Path(__file__).resolve().parent.parent
SCENARIOS = ("none", "baseline", "plan")  # what the READMEs compare
BUNDLE = ROOT / "results" / "-".join(SCENARIOS)
FILES: dict[Language, str] = {"en": "README.md", "zh": "README.zh.md"}
PICTURES: dict[str, tuple[str, str]] = {
    "revenue_fan": ("绿色产业营收的扇形图", "Fan chart of green revenue"),
    "target_chance": ("达标概率与未观测基数", "Probability against the unmeasured base"),
    "revenue_bridge": ("营收变化分解", "Bridge of green revenue"),
    "revenue_clusters": ("各集群营收", "Revenue by cluster"),
    "indicators": ("规划的十八项指标", "The plan's eighteen indicators"),
    "adoption": ("各类技术的采用", "Adoption by group of options"),
    "by_products": ("副产品交换", "Exchange of by-products"),
    "certificates": ("绿色认证", "Certificates"),
    "policy_cost": ("公共支出", "Public cost"),
}
FOLDED = ("revenue_clusters", "indicators", "adoption", "by_products", "certificates", "policy_cost")
BEGIN, END = "<!-- results: begin, written by `make readme` -->", "<!-- results: end -->"


def refresh(bundle: Path = BUNDLE, root: Path = ROOT) -> list[Path]:
    """Write the marked part of both READMEs and copy the pictures; return what was written.

    Args:
        bundle: a folder that `lvjin run` wrote.
        root: where the READMEs and docs/figures/ are.

    Raises:
        OSError: no such bundle.
        ValueError: the run is no forecast, or a README lacks its marks.
    """
    results = Results.read(bundle)
    if results.size != "standard" or results.year != results.target_year:
        raise ValueError(f"{bundle} is no forecast of {results.target_year}: run `lvjin run` without options")
    day = datetime.fromtimestamp((bundle / "run.json").stat().st_mtime, UTC).date().isoformat()
    written = []
    for language in LANGUAGES:
        path = root / FILES[language]
        text = replaced(path.read_text(encoding="utf-8"), block(results, day, language), BEGIN, END)
        path.write_text(text, encoding="utf-8")
        written.append(path)
        for name in PICTURES:
            picture = root / "docs" / "figures" / f"{name}.{language}.png"
            picture.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(bundle / "figures" / picture.name, picture)
            written.append(picture)
    return written


def block(results: Results, day: str, language: Language) -> str:
    """What stands between the marks."""
    say = speaker(language)
    revenue, odds, other, plan, *costs, aligned = sections(results, say)
    command = f"lvjin run {' '.join(branch.name for branch in results.branches)}"
    told = say(f"{day} 运行 `{command}`。", f"`{command}` on {day}.")
    parts = [
        [f"- {line}" for line in headline(results, say, "**")],
        [f"{told} {run_line(results, say)}"],
        markdown(revenue),
        picture("revenue_fan", language),
        markdown(odds),
        picture("target_chance", language),
        markdown(other),
        folded(plan.title, markdown(plan)[2:]),
        *(markdown(section) for section in costs),
        picture("revenue_bridge", language),
        *(folded(say(*PICTURES[name]), picture(name, language)) for name in FOLDED),
        folded(aligned.title, markdown(aligned)[2:]),
        [evidence(say)],
    ]
    return "\n\n".join("\n".join(part) for part in parts)


def folded(title: str, lines: list[str]) -> list[str]:
    """Lines that a reader opens."""
    return ["<details>", f"<summary>{title}</summary>", "", *lines, "", "</details>"]


def picture(name: str, language: Language) -> list[str]:
    """A picture as Markdown."""
    words = speaker(language)(*PICTURES[name])
    return [f"![{words}](docs/figures/{name}.{language}.png)"]


def evidence(say: Say) -> str:
    """How many numbers the model has, and what they rest on."""
    from sim.configuration.parameters import load_declarations

    declarations = load_declarations()
    counts = Counter(str(entry.evidence) for entry in declarations.values())
    kinds = {
        "law": ("法规", "law"),
        "statistic": ("统计", "statistics"),
        "literature": ("文献", "literature"),
        "calibrated": ("校准", "calibrated"),
        "assumed": ("假设", "assumed"),
    }
    drawn = sum(entry.sampled for entry in declarations.values())
    listed = [(words, counts[kind]) for kind, words in kinds.items() if counts[kind]]
    zh = "、".join(f"{words[0]} {count}" for words, count in listed)
    en = ", ".join(f"{count} {words[1]}" for words, count in listed)
    return say(
        f"模型声明的参数共 {len(declarations)} 个，依据为：{zh}；其中 {drawn} 个带先验，每次重复各取一值。",
        f"The model declares {len(declarations)} parameters: {en}. {drawn} of them carry a prior and are "
        "drawn anew in every replicate.",
    )


def main() -> None:
    """Refresh from the bundle that the command line names, or from that of the main job."""
    for path in refresh(Path(sys.argv[1]) if len(sys.argv) > 1 else BUNDLE):
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
