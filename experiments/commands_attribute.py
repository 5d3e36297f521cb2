"""`lvjin attribute`: which parts of a package carry its effect. Shapley shares over whole runs with common luck."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from experiments.captions import scenario_title
from experiments.commands_run import Order, load_scenarios
from experiments.comparing.differences import half_width
from experiments.designs.design import Design, Point
from experiments.designs.design_file import HEADLINES, DesignFile
from experiments.languages import both, speaker
from experiments.progress import reporter
from experiments.questions.asking import Asked, Floats, complete, swept, tell_answer, wanted, write_answer
from experiments.questions.groups import Player, coalition_scenario, players_of, settings_of
from experiments.questions.shapley import (
    MOST_EXACT,
    Shares,
    all_coalitions,
    exact_shares,
    interactions,
    prefixes,
    sampled_orders,
    sampled_shares,
)
from experiments.summary import Section
from sim.results.bundle import bundle_schema
from sim.results.variable_list import variable_named
from sim.scenario import Scenario

WIDE = 1.96  # standard errors of a 95 % interval


@dataclass(frozen=True)
class Attribution:
    """What is shared out.

    Attributes:
        scenario: the package.
        against: the scenario without it.
        by: how its changes are grouped: chapter, section or instrument.
        variable: which output, None for the first headline.
        year: which year, None for the last.
        orders: of joining that are drawn where there are more than eight players.
    """

    scenario: str
    against: str
    by: str
    variable: str | None
    year: int | None
    orders: int


def ask_attribution(question: Attribution, order: Order, asked: Asked) -> int:
    """Run the coalitions, share out the effect, write and tell; return the exit code.

    Raises:
        ConfigError: everything that is wrong with the order.
    """
    first, second = (load_scenarios(replace(order, scenarios=[name]))[0] for name in _names(question))
    players = players_of(first, second, question.by)
    exact = len(players) <= MOST_EXACT
    orders = [] if exact else sampled_orders(len(players), question.orders, order.seed)
    coalitions = list(all_coalitions(len(players))) if exact else sorted({c for one in orders for c in prefixes(one)})
    design = coalition_design(first, second, players, coalitions, order, question.variable)
    variable, year = wanted(question.variable, question.year, design)
    with reporter(asked.quiet) as tell:
        sweep = swept(design, "coalitions", asked, tell)
        worth = dict(zip(coalitions, complete(sweep, variable, year), strict=True))
        n = len(players)
        shares = exact_shares(worth, n) if exact else sampled_shares(worth, n, orders)
        table = share_table(players, shares, worth)
        tables = [(table, bundle_schema("shares"))]
        sections = [share_section(players, table, worth, variable, year, exact)]
        if exact and len(players) > 1:
            pairs = interaction_table(players, interactions(worth, len(players)))
            tables.append((pairs, bundle_schema("interactions")))
            sections.append(interaction_section(players, pairs))
        from experiments.figures import drawn_files
        from experiments.figures.shares import shares_figure

        draw = partial(shares_figure, players, table, variable, year, design)
        told = {"variable": variable, "year": year, "by": question.by, "exact": exact, "orders": len(orders)}
        write_answer(asked, tables, dict(drawn_files("shares", draw)), told)
    return tell_answer(asked, sections, [sweep])


def coalition_design(
    first: Scenario,
    second: Scenario,
    players: Sequence[Player],
    coalitions: Sequence[int],
    order: Order,
    variable: str | None,
) -> Design:
    """One point for each coalition."""
    file = DesignFile(
        name_zh=f"{scenario_title(second.name, speaker('zh'))}相对于{scenario_title(first.name, speaker('zh'))}",
        name_en=f"{scenario_title(second.name, speaker('en'))} against {scenario_title(first.name, speaker('en'))}",
        question_zh=f"{second.name}相对{first.name}的效果由哪些部分带来？",
        question_en=f"Which parts of {second.name} carry its effect against {first.name}?",
        kind="list",
        scenario=first.name,
        firms=order.firms,
        until=order.until,
        seed=order.seed,
        replicates=order.replicates,
        populations=order.populations,
        parameters=first.parameters,
        information=order.information,
        variables=list(dict.fromkeys([*([variable] if variable else []), *HEADLINES])),
    )
    points = [
        Point(
            number,
            dict(settings_of(players, coalition)),
            coalition_scenario(first, second, players, coalition),
            None,
        )
        for number, coalition in enumerate(coalitions)
    ]
    groups = {player.name: list(player.keys) for player in players}
    told = {"first": first.as_dict(), "second": second.as_dict(), "players": groups}
    return Design(file, tuple(player.name for player in players), tuple(points), coalitions=told)


def share_table(players: Sequence[Player], shares: Shares, worth: Mapping[int, Floats]) -> pd.DataFrame:
    """One row for each player: its share with its interval, and what it does as the only and as the last one."""
    everyone = (1 << len(players)) - 1
    effect = (worth[everyone] - worth[0]).mean()
    half = np.hypot(half_width(shares.values.T), WIDE * shares.sampling)
    mean = shares.values.mean(axis=1)
    alone = [_mean(worth, 1 << place, 0) for place in range(len(players))]
    last = [_mean(worth, everyone, everyone ^ 1 << place) for place in range(len(players))]
    return pd.DataFrame(
        {
            "player": [player.name for player in players],
            "share": mean,
            "low": mean - half,
            "high": mean + half,
            "part": mean / effect if effect else np.full(len(players), np.nan),
            "alone": alone,
            "last": last,
            "keys": [";".join(player.keys) for player in players],
        }
    )


def _mean(worth: Mapping[int, Floats], with_it: int, without: int) -> float:
    """A difference of worths, not a number where a coalition was not run."""
    if with_it not in worth or without not in worth:
        return float("nan")
    return float((worth[with_it] - worth[without]).mean())


def interaction_table(players: Sequence[Player], found: Mapping[tuple[int, int], Floats]) -> pd.DataFrame:
    """One row for each pair of players."""
    values = np.array(list(found.values()))
    half = half_width(values.T)
    return pd.DataFrame(
        {
            "player_a": [players[i].name for i, _ in found],
            "player_b": [players[j].name for _, j in found],
            "interaction": values.mean(axis=1),
            "low": values.mean(axis=1) - half,
            "high": values.mean(axis=1) + half,
        }
    )


def share_section(
    players: Sequence[Player], table: pd.DataFrame, worth: Mapping[int, Floats], variable: str, year: int, exact: bool
) -> Section:
    """The largest shares first."""
    told = variable_named(variable)
    effect = float((worth[(1 << len(players)) - 1] - worth[0]).mean())
    rows = []
    for place in np.argsort(-table["share"].abs().to_numpy(), kind="stable"):
        row = table.iloc[int(place)]
        cells = [f"{row['share']:+.3g} ({row['low']:+.3g} … {row['high']:+.3g})", f"{100 * row['part']:.0f} %"]
        rows.append(
            [both(players[place].name_zh, players[place].name_en), *cells, *map(_signed, row[["alone", "last"]])]
        )
    rows.append([both("合计", "all"), f"{effect:+.3g}", "100 %", "", ""])
    way = both(
        "所有联盟均已运行，份额精确相加。" if exact else "加入次序为抽样，区间含抽样误差。",
        "All coalitions were run; shares add up exactly." if exact else "Orders were drawn; intervals include that.",
    )
    note = both("单独：只实施这一项；最后：最后加上这一项。", "Alone: with nothing else. Last: on top of all others.")
    title = both(f"份额：{told.name_zh}，{year}年，{told.unit}", f"Shares: {told.name_en}, {year}, {told.unit}")
    header = ["部分 part", "Shapley 份额（95%） share", "%", "单独 alone", "最后 last"]
    return Section(title, header, rows, [way, note])


def _signed(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:+.3g}"


def interaction_section(players: Sequence[Player], table: pd.DataFrame) -> Section:
    """The strongest interactions first."""
    words = {player.name: both(player.name_zh, player.name_en) for player in players}
    rows = []
    for place in np.argsort(-table["interaction"].abs().to_numpy(), kind="stable")[:8]:
        row = table.iloc[int(place)]
        span = f"{row['interaction']:+.3g} ({row['low']:+.3g} … {row['high']:+.3g})"
        rows.append([words[row["player_a"]], words[row["player_b"]], span])
    note = both("正：相互加强；负：相互替代。", "Positive: they help each other; negative: they replace each other.")
    return Section("交互 Interactions", ["", "", "95%"], rows, [note])


def _names(question: Attribution) -> tuple[str, str]:
    return question.against, question.scenario
