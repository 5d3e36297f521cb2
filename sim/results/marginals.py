"""What the populations of an ensemble were asked to add up to, what they do, and what simulated 2021 came to."""

import numpy as np
import pandas as pd

from agents.firm import Firms
from sim.configuration.periods import FIRST_YEAR
from sim.population.builder import marginal_report
from sim.results.parts import Part, place_of
from sim.results.reducing import Replicate
from sim.results.revenue import alignment_year, clusters
from sim.world import build_world


def marginals(part: Part) -> pd.DataFrame:
    """The report of every population of a scenario, with the means of its replicates for 2021."""
    rules = part.scenario.tuples(None).population
    frames = []
    for population in range(part.populations):
        firms = build_world(part.scenario, population).firms
        columns = Firms(*(np.ascontiguousarray(firms[name]) for name in Firms._fields))
        simulated = simulated_2021([one for one in part.replicates if one.population == population])
        report = marginal_report(columns, rules, simulated)
        report.insert(0, "scenario", part.scenario.name)
        report.insert(1, "population", population)
        frames.append(report)
    table = pd.concat(frames, ignore_index=True)
    return table.assign(date=pd.to_datetime(table["date"]).dt.strftime("%Y-%m-%d"))


def simulated_2021(replicates: list[Replicate]) -> dict[str, float]:
    """Means over replicates of what the targets for 2021 name; empty before the year is over."""
    if not replicates or alignment_year(replicates[0].rules) - FIRST_YEAR >= len(replicates[0].years):
        return {}
    sales = np.mean([one.alignment.simulated for one in replicates], axis=0)
    found = {f"green_{name}": float(sales[c]) for c, name in enumerate(clusters().names)}
    pv = place_of("Capacity|Rooftop PV")
    return found | {"pv_2021": float(np.mean([one.years[0, pv] for one in replicates]))}
