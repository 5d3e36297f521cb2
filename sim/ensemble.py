"""Many replicates of a scenario: run side by side in threads, kept as variables, and asked for probabilities.

Replicate r takes population r mod P and parameter draw r, and its luck is keyed by (seed, r): every scenario meets the
same firms, numbers and luck, so differences between scenarios are those of policies. Workers change no result.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from agents.firm import Flags
from sim.configuration.problems import ConfigError, Problem, one_of, quoted, refuse_if
from sim.results import tidy
from sim.results.accounting import displacement, policy_accounts
from sim.results.effects import cost_effectiveness, winners
from sim.results.indicators import indicator_years, indicators
from sim.results.integrity import IntegrityError
from sim.results.marginals import marginals
from sim.results.microdata import Micro
from sim.results.parts import Failure, Part
from sim.results.probability import Probability, probability
from sim.results.reducing import StoppedError
from sim.results.replicating import Progress, processors, run_all
from sim.results.revenue import target_year
from sim.results.targets import plan_target
from sim.results.variable_list import variable_named
from sim.scenario import Scenario
from sim.world import build_world

MOST_REPLICATES = 1_000_000


@dataclass(frozen=True)
class Ensemble:
    """Results of one scenario, or of several beside each other.

    Attributes:
        parts: the replicates by scenario, sorted by its name.
        seconds: how long they took.
    """

    parts: tuple[Part, ...]
    seconds: float = field(default=0.0, compare=False)

    @cached_property
    def quarters(self) -> pd.DataFrame:
        """Tidy: scenario, population, replicate, seed, period (`2021Q1`), variable, unit, value."""
        return tidy.quarters(self.parts)

    @cached_property
    def years(self) -> pd.DataFrame:
        """Tidy, complete years: scenario, population, replicate, seed, period (2021), variable, unit, value."""
        return tidy.years(self.parts)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Mean, quantiles and P(hit) over replicates by scenario, variable and year."""
        return tidy.summary(self.parts)

    @cached_property
    def indicators(self) -> pd.DataFrame:
        """The plan's eighteen indicators with both readings."""
        return indicators(self.parts)

    @cached_property
    def indicator_years(self) -> pd.DataFrame:
        """The eighteen indicators by complete year, for trends."""
        return indicator_years(self.parts)

    @cached_property
    def policy_accounts(self) -> pd.DataFrame:
        """Spending and revenue by instrument and year, with what went to free riders."""
        return policy_accounts(self.parts)

    @cached_property
    def cost_effectiveness(self) -> pd.DataFrame:
        """Public cost per tonne of CO2 and per 亿元 of green revenue against a reference; empty without one."""
        return cost_effectiveness(self.parts)

    @cached_property
    def winners(self) -> pd.DataFrame:
        """Change of value added and surplus by sector, size and park against a reference; empty without one."""
        return winners(self.parts)

    @cached_property
    def displacement(self) -> pd.DataFrame:
        """Firms and green revenue that move in, are new, or leave."""
        return displacement(self.parts)

    @cached_property
    def bridge(self) -> pd.DataFrame:
        """From the revenue of 2021 to that of the target year, by replicate, scope or cluster, and term."""
        return tidy.bridge(self.parts)

    @cached_property
    def alignment(self) -> pd.DataFrame:
        """The factors that bring simulated 2021 to the facts, by replicate and cluster."""
        return tidy.alignment(self.parts)

    @cached_property
    def marginals(self) -> pd.DataFrame:
        """What each population was asked to add up to and what it does."""
        return tidy.joined([marginals(part) for part in self.parts])

    @property
    def variables(self) -> pd.DataFrame:
        """The dictionary of variables: unit, kind and meaning in both languages."""
        return tidy.variables()

    def base_dependence(self) -> pd.DataFrame:
        """P(hit) by scope at low, central and high thirds of the unobserved base, and its share of the variance."""
        return tidy.base_dependence(self.parts)

    @property
    def scenarios(self) -> list[str]:
        """Names of the scenarios."""
        return [part.scenario.name for part in self.parts]

    @property
    def failures(self) -> list[Failure]:
        """Replicates that did not come to their end."""
        return [failure for part in self.parts for failure in part.failures]

    @property
    def firms(self) -> pd.DataFrame:
        """Firms by year in the replicate that micro data were asked for; empty when they were not."""
        return self._micro("firms")

    @property
    def links(self) -> pd.DataFrame:
        """Supply links in the replicate that micro data were asked for; empty when they were not."""
        return self._micro("links")

    @property
    def events(self) -> pd.DataFrame:
        """What happened to firms in the replicate that micro data were asked for; empty when they were not."""
        return self._micro("events")

    @property
    def by_product_links(self) -> pd.DataFrame:
        """Links of by-products by year in the replicate that micro data were asked for; empty when they were not."""
        return self._micro("by_product_links")

    def _micro(self, name: str) -> pd.DataFrame:
        frames = []
        for part in self.parts:
            for one in part.replicates:
                if one.micro is not None:
                    table: pd.DataFrame = getattr(one.micro, name).copy()
                    table.insert(0, "scenario", part.scenario.name)
                    table.insert(1, "replicate", one.replicate)
                    frames.append(table)
        return tidy.joined(frames) if frames else pd.DataFrame()

    def part(self, scenario: str | None = None) -> Part:
        """The replicates of one scenario; which one need not be said where there is only one."""
        if scenario is None and len(self.parts) == 1:
            return self.parts[0]
        for part in self.parts:
            if part.scenario.name == scenario:
                return part
        problem = Problem("scenario", None, "", quoted(scenario), one_of(self.scenarios))
        raise ConfigError([problem])

    def probability(
        self,
        variable: str,
        at_least: float | None = None,
        year: int | None = None,
        at_most: float | None = None,
        scenario: str | None = None,
    ) -> Probability:
        """Share of replicates in which a variable reaches a value in a year, with Wilson's interval.

        Args:
            variable: a name of configs/variables.yaml.
            at_least: the value to reach; or give `at_most`. Neither: the declared target of the plan.
            year: a complete year of the run; by default that of the target.
            at_most: the value not to exceed.
            scenario: needed where the ensemble holds several.

        Returns:
            Probability: estimate, low, high, n.

        Raises:
            ConfigError: a ValueError for an unknown variable, scenario or year.

        Example:
            >>> ensemble.probability("Revenue|Green Industry", at_least=400, year=2025)  # doctest: +SKIP
            Probability(estimate=0.41, low=0.32, high=0.51, n=100)
        """
        part = self.part(scenario)
        rules = part.replicates[0].rules
        target = plan_target(variable_named(variable), rules)
        year = (target.year if target else target_year(rules)) if year is None else year
        if year not in part.years:
            refuse_if([Problem("year", None, "", quoted(year), f"a complete year: {one_of(map(str, part.years))}")])
        values = part.values(variable, year)
        hits: Flags
        if at_least is None and at_most is None:
            if target is None:
                refuse_if([Problem("at_least", None, "", "no value", "a number, as the plan has no target for it")])
            assert target is not None
            hits = target.hit(values)
        else:
            low, high = -np.inf if at_least is None else at_least, np.inf if at_most is None else at_most
            hits = (values >= low) & (values <= high)
        return probability(hits, rules.confidence)

    def save(self, folder: str | Path, command: Sequence[str] = ()) -> Path:
        """Write the bundle less figures; returns the folder.

        Args:
            folder: made if need be; bundle files in it are replaced one by one, others are left alone.
            command: what the user typed, for run.json.

        Raises:
            IntegrityError: a table breaks its schema; nothing is written.
            OSError: the folder cannot be written.
        """
        from sim.results.bundle import write_bundle

        return write_bundle(self, Path(folder), command)


def simulate(
    scenario: Scenario,
    replicates: int = 100,
    populations: int = 2,
    workers: int | None = None,
    progress: Progress | None = None,
    micro: int | None = None,
    stop: threading.Event | None = None,
) -> Ensemble:
    """Run an ensemble of a scenario.

    Args:
        scenario: what is run.
        replicates: how many in all; replicate r takes population r mod `populations` and parameter draw r.
        populations: how many populations are drawn.
        workers: threads; as many as processors by default. No result depends on it.
        progress: called with (done, all) after each replicate, in the caller's thread.
        micro: keep firm-level tables of this replicate.
        stop: set it to end early with `StoppedError`.

    Raises:
        ConfigError: a number out of range.
        IntegrityError: the books of a replicate do not close.

    Example:
        >>> from sim.ensemble import simulate
        >>> from sim.scenario import Scenario
        >>> ensemble = simulate(Scenario.load("plan", firms=600), replicates=4)  # doctest: +SKIP
        >>> ensemble.years.head()  # doctest: +SKIP
    """
    refuse_if(_input_problems(replicates, populations, workers, micro))
    started = time.monotonic()
    stop = stop or threading.Event()
    populations = min(populations, replicates)
    worlds = [build_world(scenario, population) for population in range(populations)]
    done, failures = run_all(scenario, worlds, replicates, workers or processors(), progress, micro, stop)
    part = Part(scenario, populations, tuple(done), tuple(failures))
    return Ensemble((part,), time.monotonic() - started)


def combine(ensembles: Sequence[Ensemble]) -> Ensemble:
    """Several scenarios beside each other, for one bundle; their names must differ (`dataclasses.replace(name=…)`)."""
    parts = sorted((part for one in ensembles for part in one.parts), key=lambda part: part.scenario.name)
    names = [part.scenario.name for part in parts]
    twice = sorted({name for name in names if names.count(name) > 1})
    refuse_if([Problem("scenario", None, name, "the same name twice", "a name of its own") for name in twice])
    return Ensemble(tuple(parts), sum(one.seconds for one in ensembles))


def _input_problems(replicates: int, populations: int, workers: int | None, micro: int | None) -> list[Problem]:
    limits = {
        "replicates": (replicates, 1, MOST_REPLICATES),
        "populations": (populations, 1, MOST_REPLICATES),
        "workers": (1 if workers is None else workers, 1, 1024),
        "micro": (0 if micro is None else micro, 0, max(int(replicates) - 1, 0)),
    }
    return [
        Problem(name, None, "", quoted(value), f"a whole number from {low:,} to {high:,}")
        for name, (value, low, high) in limits.items()
        if isinstance(value, bool) or int(value) != value or not low <= value <= high
    ]


__all__ = [
    "Ensemble",
    "Failure",
    "IntegrityError",
    "Micro",
    "Part",
    "Probability",
    "StoppedError",
    "combine",
    "simulate",
]
