"""Results in the wide form of the Integrated Assessment Modeling Consortium, which pyam and spreadsheets open.

One row for each scenario and variable: the median over replicates under the scenario's name, and the 5 and 95 %
quantiles under `name|p5` and `name|p95`.
"""

import pandas as pd

from sim.configuration.table_schema import Column, Constraints, TableSchema

MODEL = "Lvjin"
REGION = "China|Chongqing|Jiangjin"
KEY = ["Model", "Scenario", "Region", "Variable", "Unit"]
STATISTICS = {"": "p50", "|p5": "p5", "|p95": "p95"}
TITLES = {
    "Model": ("模型", "Model"),
    "Scenario": ("情景（中位数，或 |p5、|p95）", "Scenario: its median, or quantiles as |p5 and |p95"),
    "Region": ("地区", "Region"),
    "Variable": ("变量", "Variable"),
    "Unit": ("单位", "Unit"),
}


def iamc_table(summary: pd.DataFrame) -> pd.DataFrame:
    """The wide table from a summary over replicates: the key, then one column for each year."""
    frames = []
    for ending, statistic in STATISTICS.items():
        wide = summary.pivot(index=["scenario", "variable", "unit"], columns="year", values=statistic).reset_index()
        wide["scenario"] = wide["scenario"].astype(str) + ending
        frames.append(wide)
    table = pd.concat(frames, ignore_index=True)
    table = table.rename(columns={"scenario": "Scenario", "variable": "Variable", "unit": "Unit"})
    table.columns = pd.Index([str(name) for name in table.columns])
    table["Model"], table["Region"] = MODEL, REGION
    return table[[*KEY, *(name for name in table.columns if name not in KEY)]]


def iamc_schema(years: list[int]) -> TableSchema:
    """The schema of the wide table, which depends on the years that the run holds."""
    needed = Constraints(required=True)
    texts = [
        Column(name=name, type="string", title_zh=zh, title_en=en, constraints=needed)
        for name, (zh, en) in TITLES.items()
    ]
    numbers = [
        Column(
            name=str(year), type="number", unit="row unit", title_zh=f"{year}年", title_en=f"{year}", constraints=needed
        )
        for year in years
    ]
    return TableSchema(
        fields=texts + numbers,
        primaryKey=["Model", "Scenario", "Region", "Variable"],
        name="iamc",
        title_zh="IAMC宽表",
        title_en="IAMC wide table",
        description_zh="国际综合评估模型通用格式，可用 pyam 打开；情景名为中位数，|p5 与 |p95 为分位数。",
        description_en="Format of integrated assessment models, opens in pyam; a scenario's name holds its median.",
    )
