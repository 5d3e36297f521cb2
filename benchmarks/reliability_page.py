"""Write docs/reliability.md from what the soaks found (docs/reliability/*.json). `make soak` calls it at its end."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sim.results.provenance import CODE, digest

ROOT = Path(__file__).resolve().parent.parent
FOUND = ROOT / "docs" / "reliability"
PAGE = ROOT / "docs" / "reliability.md"
MANY = 30  # trials, from which a share can be spoken of
WHOLE = (*CODE, ("experiments", "**/*.py"))  # what a record's code is the digest of
COLUMNS = ("name", "name_zh", "script", "seed", "date", "trials", "failures", "seconds", "code")
# Further figures of records, Chinese and English; a record may bring others, told by their own names.
WORDS = {
    "accepted": ("接受", "accepted"),
    "bit_flips": ("比特翻转", "bit flips"),
    "cuts": ("截断", "cuts"),
    "environments": ("环境", "environments"),
    "files_compared": ("比较的文件", "files compared"),
    "firm_quarters": ("企业·季度", "firm-quarters"),
    "firms": ("企业", "firms"),
    "events_of_a_sweep": ("一次批量运行的写盘动作", "things done to the disk in a sweep"),
    "identities_of_the_ledger": ("账目恒等式", "identities of the ledger"),
    "largest_residual_fen": ("最大残差（分）", "largest residual, fen"),
    "not_noticed": ("未被发现", "not noticed"),
    "noticed_share": ("被发现的份额", "share noticed"),
    "postings": ("记账", "postings"),
    "quarters_in_each": ("每个世界季度数", "quarters in each"),
    "refused": ("拒绝", "refused"),
    "runs_in_each": ("每轮运行数", "runs in each"),
    "slowest_seconds": ("最慢（秒）", "slowest, s"),
    "worlds": ("世界", "worlds"),
}
HEAD = """# Reliability 可靠性

Written by `make soak`, `make mutants` and `make determinism` from `docs/reliability/*.json`; every line names its
script, seed and day. No failure in N trials means that, with 95 % confidence, fewer than 3 in N fail
(*fails less often than*). *Code* says whether the model and the experiments are what they were that day. What a soak
does is told by its script; the same checks run in a short form in `make test`. Of planted mistakes a failure is one
that no test noticed.

由 `make soak`、`make mutants` 和 `make determinism` 根据 `docs/reliability/*.json` 生成；每行注明脚本、随机种子与日期。
N 次试验零失败，表示在 95% 置信度下失败率低于 3/N。code 一列说明模型与实验代码自那日起是否改动。
植入的错误中，“失败”指没有测试发现的错误。

| what | 内容 | trials | failures | fails less often than | seed | date | minutes | code | script |
| --- | --- | ---: | ---: | ---: | ---: | --- | ---: | --- | --- |
"""


def page(records: list[dict[str, Any]], code: str) -> str:
    """The page of these records, for code with this digest."""
    return HEAD + "\n".join([*(row(record, code) for record in records), "", *details(records)]) + "\n"


def row(record: dict[str, Any], code: str) -> str:
    """A line of the table."""
    trials, failures = record["trials"], record["failures"]
    bound = f"{3.0 / trials:.2g}" if trials >= MANY and not failures else ""
    now = "same" if record["code"] == code else "changed since"
    cells = [record["name"], record["name_zh"], f"{trials:,}", f"{failures:,}", bound, str(record["seed"])]
    cells += [record["date"], f"{record['seconds'] / 60:.1f}", now, f"`{record['script']}`"]
    return f"| {' | '.join(cells)} |"


def details(records: list[dict[str, Any]]) -> Iterator[str]:
    """What else the records tell."""
    yield "## Further figures 其他数字"
    yield ""
    for record in records:
        figures = {name: value for name, value in record.items() if name not in COLUMNS}
        if figures:
            told = "; ".join(f"{label(name)}: {shown(value)}" for name, value in figures.items())
            yield f"- **{record['name']} {record['name_zh']}**: {told}"


def label(name: str) -> str:
    """A figure's name in both languages."""
    zh, en = WORDS.get(name, ("", name.replace("_", " ")))
    return f"{en} {zh}".strip()


def shown(value: Any) -> str:
    """A figure, or a list of words."""
    if isinstance(value, list):
        return ", ".join(map(shown, value))
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def main() -> None:
    """Write the page."""
    records = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOUND.glob("*.json"))]
    PAGE.write_text(page(records, digest(WHOLE)), encoding="utf-8")


if __name__ == "__main__":
    main()
