"""The page on patterns, in English with a Chinese summary: written by the command, never by hand."""

from typing import Any

import numpy as np
import pandas as pd

from experiments.figures.patterns import VERDICTS, written
from sim.configuration.tables import load_table

GIVEN = {"none": "nothing", "mechanism": "the mechanism", "number": "the number"}


def patterns_page(table: pd.DataFrame, record: dict[str, Any]) -> str:
    """The content of patterns.md."""
    counted = table["verdict"].value_counts().to_dict()
    held, failed, both = (int(counted.get(name, 0)) for name in ("holds", "fails", "null_too"))
    undefined = int(counted.get("undefined", 0))
    words = load_table("patterns").set_index("pattern")
    free = [row for row in table.to_dict("records") if words.loc[row["pattern"], "given"] == "none"]
    free_held = sum(row["verdict"] == "holds" for row in free)
    made = (
        f"Made by `{' '.join(record['command'])}` on {record['date']} from code `{record['code_sha256'][:12]}`, "
        f"parameters `{record['parameters']}`: {record['replicates']} replicates of {record['firms']:,} rows, "
        "scenario `baseline` unless the statistic says otherwise."
    )
    result = (
        f"**{held} of {len(table)} hold**, {failed} fail, {both} prove nothing because their null model passes as well"
        + (f", {undefined} could not be computed" if undefined else "")
        + f". Of the {len(free)} that the rules were told nothing of, {free_held} hold. How many hold is a result, not "
        "a quota."
    )
    summary = (
        f"**摘要**：{len(table)}条规律中{held}条成立，{failed}条不成立，{both}条因零模型同样满足而无所证明"
        + (f"，{undefined}条无法计算" if undefined else "")
        + f"；规则完全未被告知的{len(free)}条中{free_held}条成立。区间在任何一次计算之前提交，模型未据此调整。"
    )
    how = (
        "A pattern holds if the median of its statistic over replicates lies in the band and that of its null model "
        "does not. How we know that nothing was tuned to it: bands, statistics, sources and null models are data "
        "(`configs/tables/patterns.csv`) that was committed before any statistic was programmed, as the history of "
        "that file shows; bands have not moved since, and no parameter of the model is set by any of them. What the "
        "rules already contain is said in the column *told*: a pattern whose number is an input of the model (a tail "
        "drawn so at the start, a shock with that exponent) shows that nothing destroyed it on the way, and no more."
    )
    lines = [
        "# Patterns that nothing was fitted to",
        "",
        made,
        "",
        result,
        "",
        summary,
        "",
        "![Patterns](figures/patterns.en.png)",
        "",
        how,
        "",
        "| pattern | statistic | band | median (range) | null model | its median | told | verdict |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        *(_line(row, words.loc[row["pattern"]]) for row in table.to_dict("records")),
        "",
        "Remarks and sources of the bands:",
        "",
        *(_remark(name, words.loc[name]) for name in table["pattern"]),
        "",
    ]
    return "\n".join(lines)


def _line(row: dict[Any, Any], told: Any) -> str:
    spread = f"{written(row['median'])} ({written(row['least'])} to {written(row['most'])})"
    unit = "" if row["unit"] == "1" else f" {row['unit']}"
    cells = [
        f"{told['name_en']} {told['name_zh']}",
        told["statistic_en"],
        f"{written(row['low'])} to {written(row['high'])}{unit}",
        spread if np.isfinite(row["median"]) else "–",
        told["null_en"],
        written(row["null_model"]),
        GIVEN[str(told["given"])],
        f"**{VERDICTS[row['verdict']][1]}**",
    ]
    return "| " + " | ".join(str(cell).replace("|", "/") for cell in cells) + " |"


def _remark(name: str, told: Any) -> str:
    return f"- {told['name_en']} (`{name}`): {told['note']} [{told['source']}, quality {told['quality']}]"
