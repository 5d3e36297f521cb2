"""What firms do: who certifies first, where projects bunch, who waits for money, how much energy comes back."""

import numpy as np
import pandas as pd
from scipy.stats import mannwhitneyu

from experiments.patterns.evidence import Evidence, Floats, micro, quarterly
from sim import Scenario
from sim.configuration.periods import FIRST_YEAR
from sim.configuration.tables import load_table
from sim.results.reducing import Replicate

NEAR = float(np.log(1.1))  # half the width of a band around a threshold or cap
LATER = f"{FIRST_YEAR + 1}Q1"
PROGRAMME = "retrofit"


def certify_larger(evidence: Evidence) -> tuple[float, float]:
    """Chance that a newly certified firm is larger than one without certificate, and with certificates by lot."""
    firms = evidence.firms(FIRST_YEAR)
    free = firms[firms["certificates"].astype(str) == ""].set_index("firm")["output"].astype(float)
    events = micro(evidence.base).events
    won = events[(events["kind"] == "certified") & (events["period"].astype(str) >= LATER)]["firm"].unique()
    certified = free.index.isin(won)
    size: Floats = np.asarray(free, np.float64)
    return larger(size, certified), larger(size, evidence.random.permutation(certified))


def larger(size: Floats, who: np.ndarray) -> float:
    """Chance that one of those is larger than one of the rest."""
    if who.all() or not who.any():
        return np.nan
    ranks = mannwhitneyu(size[who], size[~who])
    return float(ranks.statistic / (who.sum() * (~who).sum()))


def prices_of_projects(one: Replicate) -> Floats:
    """Equipment of the projects that a grant is for and that found their money from 2022 on, 万元."""
    table = load_table("options")
    share = table[table["grant_programme"] == PROGRAMME].set_index("option")["equipment_share"].astype(float)
    events = micro(one).events
    mine = events[(events["kind"] == "started") & (events["period"].astype(str) >= LATER)]
    mine = mine[mine["project"].isin(share.index)]
    prices: Floats = (mine["amount"] * mine["project"].astype(str).map(share)).to_numpy(np.float64)
    return prices


def bunched(prices: Floats, places: list[float]) -> float:
    """Projects near the places over the mean of the neighbouring bands of the same width."""
    near = beside = 0.0
    for place in places:
        away = np.log(np.maximum(prices, 1e-9) / place) / NEAR
        near += np.count_nonzero(np.abs(away) <= 1.0)
        beside += np.count_nonzero((np.abs(away) > 1.0) & (np.abs(away) <= 3.0)) / 2.0
    return near / beside if beside else np.nan


def cap_bunching(evidence: Evidence) -> tuple[float, float]:
    """Bunching of projects where the plan's grant begins and where it is capped, and of those without grants."""
    policy = Scenario.load("plan", firms=1, parameters="central").tuples().policies[-1]
    places = [policy.retrofit_grant_threshold, policy.retrofit_grant_cap / policy.retrofit_grant_share]
    return bunched(prices_of_projects(evidence.plan), places), bunched(prices_of_projects(evidence.none), places)


def constrained_delay(evidence: Evidence) -> tuple[float, float]:
    """Risk of starting a retrofit, most over least indebted third of firms, by sector, and with debt shuffled."""
    firms = evidence.firms(FIRST_YEAR).copy()
    firms["leverage"] = firms["debt"] / np.maximum(firms["capital"] + np.maximum(firms["cash"], 0.0), 1.0)
    events = micro(evidence.base).events
    later = events[(events["kind"] == "started") & (events["period"].astype(str) >= LATER)]
    started = later[later["project"].astype(str).str.startswith("T")]["firm"].unique()
    firms["started"] = firms["firm"].isin(started)
    sector = firms["sector"].astype(str)
    shuffled = firms["leverage"].groupby(sector).transform(lambda one: evidence.random.permutation(one.to_numpy()))
    return risk_ratio(firms, sector), risk_ratio(firms.assign(leverage=shuffled), sector)


def risk_ratio(firms: pd.DataFrame, sector: "pd.Series[str]") -> float:
    """Risk ratio of the most over the least indebted third of each sector (Mantel and Haenszel 1959)."""
    above = below = 0.0
    for _, rows in firms.groupby(sector):
        rank = rows["leverage"].rank(method="first") / len(rows)
        high, low = rows[rank > 2 / 3], rows[rank <= 1 / 3]
        n = len(high) + len(low)
        if len(high) and len(low):
            above += high["started"].sum() * len(low) / n
            below += low["started"].sum() * len(high) / n
    return above / below if below else np.nan


def rebound(evidence: Evidence) -> tuple[float, float]:
    """Share of the engineers' savings that comes back, and what they expect: nothing."""
    energy = [quarterly(one, "Final Energy|Industry")[-1] for one in (evidence.no_retrofits, evidence.base)]
    saved = (
        quarterly(evidence.base, "Energy Saved|Retrofit")[:-1].sum() / 4.0
    )  # each quarter is told at its annual rate
    expected = energy[0] - saved
    return 1.0 - (energy[0] - energy[1]) / saved, 1.0 - (energy[0] - expected) / saved
