"""The page on what the forecast rests on: written by the command, never by hand."""

from typing import Any

import pandas as pd

from experiments.figures.ablation import FACTOR_NAMES
from experiments.structure.ablation import FULL, TARGET, YEAR
from experiments.structure.decomposition import STRUCTURES
from sim.configuration.parameters import load_declarations


def ablation_page(table: pd.DataFrame, variance: pd.DataFrame, record: dict[str, Any]) -> str:
    """The content of ablation.md."""
    factors = {str(row["factor"]): row for row in variance.to_dict("records")}
    largest = max(factors.values(), key=lambda row: float(row["total"]))
    made = (
        f"Made by `{' '.join(record['command'])}` on {record['date']} from code `{record['code_sha256'][:12]}`, "
        f"scenario `{record['scenario']}`, parameters `{record['parameters']}`, {record['firms']:,} rows."
    )
    summary = (
        f"**摘要**：逐一关闭机制后的{YEAR}年营收与达标概率见表；"
        f"预测带宽的最大来源是{FACTOR_NAMES[largest['factor']][0]}"
        f"（含交互占方差的{100 * largest['total']:.0f}%）。"
    )
    first = (
        f"Revenue of green industry in {YEAR} (scope of the plan, 亿元, current prices), the chance of {TARGET:g}, the "
        "paired difference from the full model with its 90 % interval, and the fit to the "
        f"{int(table['facts_2021'].iloc[0])} facts of `calibration_targets.csv` that no alignment meets by "
        "construction and "
        "that variables tell: how many medians meet within tolerance, and their mean distance over the larger of "
        "simulated "
        "and published. Revenue of the measured clusters in 2021 is aligned in every variant, so a mechanism shows in "
        "growth alone."
    )
    second = (
        f"All {record['combinations']} combinations of {factors['population']['levels']} populations, "
        f"{factors['parameters']['levels']} parameter draws, {factors['chance']['levels']} lucks and "
        f"{factors['structure']['levels']} structures (the full model and, one at a time, without "
        f"{', '.join(mechanism(name) for name in STRUCTURES if name != FULL)}). *Alone* is the share of variance of "
        "the factor by itself, *total* with all its interactions; *band if known* is the width from 5 to 95 % with the "
        "factor known, over the width as it is; the last column is the range of the chance of the target over its "
        "levels. Structures are a list of this project, no sample, so their share is a lower bound of "
        "what another model might say."
    )
    lines = [
        "# What the forecast rests on",
        "",
        made,
        "",
        summary,
        "",
        "![What the forecast rests on](figures/ablation.en.png)",
        "",
        "## Without each mechanism",
        "",
        first,
        "",
        "| off | revenue, median (5–95 %) | manufacturing | chance | difference (90 %) | facts met | distance |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *(_variant(row) for row in _ordered(table)),
        "",
        "## Where the width comes from",
        "",
        second,
        "",
        "| factor | alone (90 %) | total (90 %) | band if known (90 %) | chance of the target |",
        "| --- | --- | --- | --- | --- |",
        *(_factor(row) for row in variance.sort_values("total", ascending=False).to_dict("records")),
        "",
    ]
    return "\n".join(lines)


def mechanism(name: str) -> str:
    """A mechanism's English name."""
    return load_declarations()[f"model.{name}"].name_en.lower()


def _ordered(table: pd.DataFrame) -> list[dict[Any, Any]]:
    rest = table[table["mechanism"] != FULL].sort_values("difference")
    return pd.concat([table[table["mechanism"] == FULL], rest]).to_dict("records")


def _variant(row: dict[Any, Any]) -> str:
    name = "nothing: the full model" if row["mechanism"] == FULL else mechanism(row["mechanism"])
    chance = f"{100 * row['p_hit']:.0f} % ({100 * row['p_low']:.0f}–{100 * row['p_high']:.0f})"
    difference = (
        "" if row["mechanism"] == FULL else f"{row['difference']:+.1f} ({row['low']:+.1f} to {row['high']:+.1f})"
    )
    revenue = f"{row['p50']:.0f} ({row['p5']:.0f}–{row['p95']:.0f})"
    cells = [
        name,
        revenue,
        f"{row['manufacturing_p50']:.0f}",
        chance,
        difference,
        str(row["met_2021"]),
        f"{row['misfit_2021']:.2f}",
    ]
    return "| " + " | ".join(cells) + " |"


def _factor(row: dict[Any, Any]) -> str:
    shares = [
        f"{100 * row[name]:.0f} % ({100 * row[f'{name}_low']:.0f}–{100 * row[f'{name}_high']:.0f})"
        for name in ("alone", "total", "band_if_known")
    ]
    chance = f"{100 * row['least_p_hit']:.0f}–{100 * row['largest_p_hit']:.0f} %"
    return "| " + " | ".join([FACTOR_NAMES[row["factor"]][1], *shares, chance]) + " |"
