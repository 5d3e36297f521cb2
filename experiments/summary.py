"""What a run says: green revenue, the chance of the target, what else moves, how 2021 was aligned, what to know.

Made as sections of text, so that the terminal (both languages) and the READMEs (one each) show the same numbers.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from experiments.captions import run_line, scenario_title, warnings
from experiments.indicator_words import BASIS_SIGNS, LIGHTS, light, range_words, target_words, told
from experiments.languages import Say, both, speaker
from experiments.results import SCOPES, Branch, Floats, Results, family, total
from experiments.summary_costs import cost_rows
from sim.configuration.periods import FIRST_YEAR

if TYPE_CHECKING:
    from rich.console import Console

WITHOUT = "Revenue|Green Industry|Without Relocations"
WAN_PER_YI = 10_000.0
PERCENT = 100.0


class Section(NamedTuple):
    """A table with its title and the sentences below it."""

    title: str
    header: list[str]
    rows: list[list[str]]
    notes: list[str]


class Line(NamedTuple):
    """A quantity of the third section: its name, unit, decimals, and values by year or summed over the plan's years."""

    name: tuple[str, str]
    values: Callable[[Branch], Floats]  # (n_replicates, n_years)
    decimals: int
    summed: bool = False


def sections(results: Results, say: Say) -> list[Section]:
    """What there is to say about a run; a run without a complete year says so and nothing else."""
    if results.year == 0:
        sentence = say(
            "运行不足一个完整年度，没有年度结果；季度数据见 quarters.csv。",
            "The run holds no complete year, so there are no yearly results; quarters.csv has the quarters.",
        )
        return [Section(say("结果", "Results"), [], [], [sentence])]
    found = []
    if results.size == "standard":
        found.append(revenue_section(results, say))
        if len(results.base_dependence):
            found.append(chance_section(results, say))
    found.append(other_section(results, say))
    if results.size == "standard" and len(told(results.indicators)):
        found.append(indicator_section(results, say))
    if len(results.costs):
        title = say("政策成本与效果", "What policies cost and do")
        found.append(Section(title, *cost_rows(results, say)))
    return [*found, alignment_section(results, say)]


def revenue_section(results: Results, say: Say) -> Section:
    """Green revenue by scope in the first year and in the one that is told."""
    names = [
        (SCOPES["plan"], say("规划口径（九个集群）", "scope of the plan (nine clusters)")),
        (SCOPES["manufacturing"], say("制造业口径（五个集群）", "manufacturing (five clusters)")),
        (WITHOUT, say("规划口径，不含迁入企业", "scope of the plan without relocated firms")),
    ]
    first = results.branches[0]
    rows = [
        [
            name,
            span(first.at(variable, FIRST_YEAR), 0),
            *(span(b.at(variable, results.year), 0) for b in results.branches),
        ]
        for variable, name in names
    ]
    title = say(
        "绿色产业营收，亿元/年，现价，中位数（5%–95%）",
        "Revenue of green industry, 亿元 a year at current prices, median (5–95 %)",
    )
    return Section(title, ["", str(FIRST_YEAR), *scenario_headers(results, say)], rows, [])


def chance_section(results: Results, say: Say) -> Section:
    """P(target) by scope and by third of the base that nobody has measured, and what that means."""
    rows = []
    scopes = {"plan": ("规划口径", "scope of the plan"), "manufacturing": ("制造业口径", "manufacturing")}
    groups = {
        "all": ("全部重复", "all replicates"),
        "low": ("基数低三分之一", "base in its lowest third"),
        "central": ("基数中三分之一", "base in its middle third"),
        "high": ("基数高三分之一", "base in its highest third"),
    }
    table = results.base_dependence
    keys = zip(table["scope"], table["base"], table["scenario"].astype(str), strict=True)
    odds: dict[tuple[str, str, str], Any] = dict(zip(keys, table.itertuples(), strict=True))
    for scope, group in [*(("plan", group) for group in groups), ("manufacturing", "all")]:
        found = [odds[key] for branch in results.branches if (key := (scope, group, branch.name)) in odds]
        if len(found) == len(results.branches):
            limits = "" if group == "all" else f" ({found[0].base_from:.0f}–{found[0].base_to:.0f} 亿元)"
            zh, en = (f"{scopes[scope][k]}{comma}{groups[group][k]}" for k, comma in enumerate(("，", ", ")))
            rows.append([say(zh, en) + limits, *(chance(one) for one in found)])
    title = say(
        f"{results.target_year}年达到{results.target:g}亿元的概率（95%区间）",
        f"Probability of reaching {results.target:g} 亿元 in {results.target_year} (95 % interval)",
    )
    return Section(title, ["", *scenario_headers(results, say, with_year=False)], rows, base_notes(results, say))


def base_notes(results: Results, say: Say) -> list[str]:
    """What an unmeasured base means for the probability."""
    rows = results.base_dependence
    found = rows[(rows["base"] == "all") & (rows["scope"] == "plan") & rows["variance_share"].notna()]
    if found.empty:
        return []
    shares = PERCENT * found["variance_share"].to_numpy()
    share = (
        f"{shares.min():.0f}"
        if round(shares.min()) == round(shares.max())
        else f"{shares.min():.0f}–{shares.max():.0f}"
    )
    return [
        say(
            f"制造业以外四个集群2021年的营收没有观测值，取自先验；它与{results.target_year}年规划口径营收方差的{share}%相伴随。"
            "因此该口径的概率以基数为条件读，制造业口径不受其影响。",
            "The revenue of the four clusters outside manufacturing in 2021 was never measured and comes from a prior; "
            f"it goes with {share} % of the variance of revenue in {results.target_year}. Read the probability of that "
            "scope given the base; manufacturing does not depend on it.",
        )
    ]


def other_section(results: Results, say: Say) -> Section:
    """Adoption, energy, emissions and public money."""
    options = family("Adoption by Group|{member}")
    lines = [
        Line(("在用技术项数", "options in use"), lambda b: total(b, options), 0),
        Line(("屋顶光伏，MW", "rooftop PV, MW"), lambda b: b.yearly["Capacity|Rooftop PV"], 1),
        Line(
            ("工业增加值能耗，tce/万元", "energy per value added of industry, tce/万元"),
            lambda b: b.yearly["Energy Intensity|Industry"],
            3,
        ),
        Line(
            ("工业CO2（范围一），万t", "CO2 of industry, scope 1, 万t"), lambda b: b.yearly["Emissions|CO2|Industry"], 0
        ),
        Line(
            ("改造投资，亿元，累计", "investment in retrofits, 亿元, sum"),
            lambda b: (b.yearly["Investment|Retrofit"] + b.yearly["Investment|Retrofit By Contract"]) / WAN_PER_YI,
            2,
            summed=True,
        ),
        Line(
            ("区级政策支出，亿元，累计", "public cost of the district, 亿元, sum"),
            lambda b: b.yearly["Policy Cost|Government"] / WAN_PER_YI,
            2,
            summed=True,
        ),
    ]
    rows = [other_row(line, results, say) for line in lines]
    note = say(
        f"累计：{FIRST_YEAR + 1}年至{results.year}年；{FIRST_YEAR}年一栏为当年。2020年价增加值。",
        f"Sums: {FIRST_YEAR + 1} to {results.year}; under {FIRST_YEAR} stands that year. Value added at 2020 prices.",
    )
    title = say("其他结果，中位数（5%–95%）", "What else moves, median (5–95 %)")
    return Section(title, ["", str(FIRST_YEAR), *scenario_headers(results, say)], rows, [note])


def other_row(line: Line, results: Results, say: Say) -> list[str]:
    """One quantity in the first year and, by scenario, in the year that is told."""
    cells = [span(line.values(results.branches[0])[:, 0], line.decimals)]
    for branch in results.branches:
        values, last = line.values(branch), branch.years.index(results.year)
        told = values[:, min(1, last) : last + 1].sum(axis=1) if line.summed else values[:, last]
        cells.append(span(told, line.decimals))
    return [say(*line.name), *cells]


def indicator_section(results: Results, say: Say) -> Section:
    """The plan's eighteen indicators: target, and by scenario forecast, chance of a hit and what that rests on."""
    table = told(results.indicators)
    rows = []
    for row in table.drop_duplicates("indicator").itertuples():
        same = table[table["indicator"] == row.indicator].set_index("scenario")
        cells = [indicator_cell(same.loc[branch.name]) for branch in results.branches]
        name = say(str(row.name_zh), str(row.name_en))
        rows.append([f"{row.row} {name}", target_words(row, say), *cells])
    header = ["", say("目标", "target"), *scenario_headers(results, say)]
    zh, en = ([f"{one.sign} {one.name[k]}" for one in LIGHTS] for k in (0, 1))
    notes = [
        say(
            f"{'、'.join(zh)}（以三分之二与三分之一为界）；* 概率部分基于假设，** 全凭假设。"
            "另一口径、驱动因素与脚注见 indicators.csv，逐年值见 indicator_years.csv。",
            f"{', '.join(en)}: limits at two thirds and one third. * The chance rests in part, ** wholly on "
            "assumptions. The other readings, what moves each and footnotes: "
            "indicators.csv; years: indicator_years.csv.",
        )
    ]
    title = say(
        "规划十八项指标，中位数（5%–95%）与达标概率", "The plan's eighteen indicators, median (5–95 %) and chance"
    )
    return Section(title, header, rows, notes)


def indicator_cell(row: Any) -> str:
    """Forecast, light and chance of one indicator in one scenario."""
    step = light(row.p_hit)
    if step is None:
        return range_words(row)
    return f"{range_words(row)} {step.sign}\u00a0{PERCENT * row.p_hit:.0f}\u00a0%{BASIS_SIGNS[row.p_hit_basis]}"


def alignment_section(results: Results, say: Say) -> Section:
    """How simulated 2021 was brought to facts or priors, by cluster; the same in every scenario."""
    from sim.configuration.tables import load_table

    table = results.alignment[results.alignment["scenario"].astype(str) == results.branches[0].name]
    rows = []
    for row in load_table("clusters").itertuples():
        of_cluster = table[table["cluster"] == row.cluster]
        if not of_cluster["aligned"].all():
            rows.append([say(str(row.name_zh), str(row.name_en)), "–", "–", say("未对齐", "not aligned")])
            continue
        fact = of_cluster["fact"].to_numpy()
        shown = f"{fact[0]:.0f}" if row.observed else f"{span(fact, 0)} {say('先验', 'prior')}"
        factors = span(of_cluster["factor"].to_numpy(), 2)
        simulated = span(of_cluster["simulated"].to_numpy(), 0)
        rows.append([say(str(row.name_zh), str(row.name_en)), shown, simulated, factors])
    header = ["", say("事实，亿元", "fact, 亿元"), say("模拟，亿元", "simulated, 亿元"), say("系数", "factor")]
    note = say("这是对齐，不是验证。", "This is alignment, never validation.")
    title = say(f"{FIRST_YEAR}年按集群对齐", f"Alignment of {FIRST_YEAR} by cluster")
    return Section(title, header, rows, [note])


def notices(results: Results, say: Say) -> list[str]:
    """What a reader must know about this run."""
    lines = [run_line(results, say)]
    if any(branch.facts["notice"] for branch in results.branches):
        lines.append(
            say(
                "尚无后验：参数取自先验（lvjin calibrate 可生成后验）。",
                str(next(branch.facts["notice"] for branch in results.branches if branch.facts["notice"])),
            )
        )
    if results.size != "standard":
        sentence = "只有标准规模才给出营收与概率。", "Only a standard size tells revenue and probability."
        return [*lines, *warnings(results, say), say(*sentence)]
    return [*lines, *warnings(results, say)]


def headline(results: Results, say: Say, strong: str = "") -> list[str]:
    """A sentence for each scenario: revenue in both scopes and the chance of the target; none where it is not told."""
    if results.size != "standard" or not len(results.base_dependence):
        return []
    revenue, odds = revenue_section(results, say), chance_section(results, say)
    lines = []
    for place, branch in enumerate(results.branches):
        plan, manufacturing = (revenue.rows[scope][place + 2] for scope in (0, 1))
        reached, target, year = odds.rows[0][place + 1], f"{results.target:g}", results.target_year
        names = scenario_title(branch.name, speaker("zh")), scenario_title(branch.name, speaker("en"))
        zh = f"{strong}{names[0]}{strong}：{year}年 {plan} 亿元，达到{target}亿元的概率 {reached}；"
        en = f"{strong}{names[1]}{strong}: {plan} 亿元 in {year}, and a chance of {reached} of {target}; "
        lines.append(say(f"{zh}其中制造业 {manufacturing} 亿元。", f"{en}manufacturing alone {manufacturing} 亿元."))
    return lines


def scenario_headers(results: Results, say: Say, with_year: bool = True) -> list[str]:
    """Name and year of each scenario's column."""
    year = f" {results.year}" if with_year else ""
    return [f"{scenario_title(branch.name, say)}{year}" for branch in results.branches]


def span(values: Floats, decimals: int) -> str:
    """Median and 5–95 % of values: `344 (309–383)`; a single number where they do not vary."""
    low, middle, high = (f"{value:,.{decimals}f}" for value in np.percentile(values, [5, 50, 95]))
    return middle if low == high else f"{middle} ({low}–{high})"


def chance(odds: Any) -> str:
    """A probability with its interval, in per cent: `34 % (25–44 %)`."""
    return f"{PERCENT * odds.p_hit:.0f} % ({PERCENT * odds.p_low:.0f}–{PERCENT * odds.p_high:.0f} %)"


def print_summary(results: Results, folder: Path, verbose: bool = False) -> None:
    """Print everything to standard output, in both languages."""
    from rich.text import Text

    console = print_sections(sections(results, both))
    console.print()
    for line in notices(results, both):
        console.print(Text(line))
    short = headline(results, both)
    if short:
        console.print(Text(both("\n结论", "In short"), style="bold"))
        console.print(Text("\n".join(short)))
    console.print()
    console.print(Text("\n".join(where(folder, verbose))))


def print_sections(told: Iterable[Section]) -> "Console":
    """Print sections to standard output; return the console for what follows."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=140)
    for section in told:
        console.print()
        console.print(Text(section.title, style="bold"))
        if section.rows:
            table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
            for place, name in enumerate(section.header):
                table.add_column(Text(name), justify="right" if place else "left", overflow="fold")
            for row in section.rows:
                table.add_row(*(Text(cell) for cell in row))
            console.print(table)
        for note in section.notes:
            console.print(Text(note, style="dim"))
    return console


def where(folder: Path, verbose: bool = False) -> list[str]:
    """Where the files lie."""
    lines = [f"结果 Results: {folder}/", f"图 Figures: {folder / 'figures'}/"]
    if (folder / "events.csv").exists():
        lines.append("企业明细 Firm by firm: firms.csv, links.csv, events.csv")
    if verbose:
        lines += [f"  {path.relative_to(folder)}" for path in sorted(folder.rglob("*")) if path.is_file()]
    return lines


def markdown(section: Section) -> list[str]:
    """A section as lines of Markdown: its table, then its notes."""

    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(cells)} |"

    table = [line(section.header), line(["---", *["---:"] * (len(section.header) - 1)]), *map(line, section.rows)]
    return [
        f"**{section.title}**",
        "",
        *(table if section.rows else []),
        *[part for n in section.notes for part in ("", n)],
    ]
