"""The few measured lines that the front pages tell, taken from the table of benchmarks/README.md.

Written by `make bench`; alone, from the page as it stands, by `python -m benchmarks.headlines`.
"""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.tables import table
from experiments.languages import Language
from experiments.marked import replaced

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "benchmarks" / "README.md"
FRONT: dict[Language, Path] = {"en": ROOT / "README.md", "zh": ROOT / "README.zh.md"}
BEGIN, END = "<!-- speed: begin, written by `make bench` -->", "<!-- speed: end -->"
COLUMNS: dict[Language, list[str]] = {"en": ["what", "measured"], "zh": ["项目", "实测"]}
TOLD = {  # what it is called there, and here
    "build 5,000 firms with their network": (
        "构建5000家企业及其网络",
        "a district of 5,000 firms with its networks, built",
    ),
    "replicate of 5,000 firms × 20 quarters": (
        "5000家企业×20个季度，单线程运行一次",
        "5,000 firms × 20 quarters, one run on one thread",
    ),
    "lever to data, 20 replicates": (
        "移动一项政策后20次这样运行的年度结果，2021年取自内存，双线程",
        "yearly results of 20 such runs after a policy is moved, 2021 from memory, two threads",
    ),
    "process start to first quarter, warm": (
        "从命令启动到第一季度结束",
        "from the command to the end of its first quarter",
    ),
    "quarter of 1,000,000 firms, per firm": (
        "100万家企业时每家每季度",
        "a quarter of each firm in a district of 1,000,000",
    ),
    "memory per firm and replicate, 100,000 firms": (
        "每家企业每次重复占用的内存",
        "memory of a firm in a replicate",
    ),
    "plain Mesa twin over the model, 5,000 firms": (
        "逐对象Mesa孪生（结果逐位相同）所需时间为本模型的",
        "a plain Mesa twin with the same results, bit by bit, takes so many times as long",
    ),
}


def headlines(page: str, language: Language) -> Iterator[str]:
    """The table of a front page."""
    measured = {cells[0]: cells[1] for line in page.splitlines() if (cells := line.strip("| ").split(" | "))[1:]}
    rows = [(words[language == "en"], measured[what]) for what, words in TOLD.items()]
    yield from table(COLUMNS[language], rows)


def write() -> None:
    """Write the tables of both front pages."""
    page = PAGE.read_text(encoding="utf-8")
    for language, path in FRONT.items():
        content = "\n".join(headlines(page, language))
        path.write_text(replaced(path.read_text(encoding="utf-8"), content, BEGIN, END), encoding="utf-8")


if __name__ == "__main__":
    write()
