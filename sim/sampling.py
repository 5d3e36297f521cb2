"""One draw of all parameters, as the tuples of floats that rules and kernels take.

A quarter takes the value of its first day. Each prior is sampled by its own keyed uniform, so that scenarios share
their luck; what a scenario or a user sets is fixed, whatever the draw.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sim.declarations import Declaration, Steps, held_at, overlaid
from sim.parameters import DATED_GROUPS, PARAMETER_GROUPS, Declarations, undeclared
from sim.periods import first_day
from sim.problems import refuse_if


class Parameters(NamedTuple):
    """One draw of all parameters: a NamedTuple of floats for each group; prices and policies one per quarter."""

    behaviour: Any
    firm: Any
    finance: Any
    market: Any
    factor: Any
    population: Any
    network: Any
    revenue: Any
    mechanisms: Any
    prices: list[Any]
    policies: list[Any]


class Sampler(NamedTuple):
    """How the priors are drawn: not at all (`draw` None), or by keyed uniforms; posterior rows come first."""

    seed: int
    draw: int | None
    posterior: Mapping[str, float]

    def value(self, entry: Declaration, declarations: Declarations) -> float | None:
        """The drawn value of a parameter, or the drawn multiplier of a dated path; None keeps the central value."""
        if self.draw is None:
            return None
        if entry.key in self.posterior:
            return self.posterior[entry.key]
        if not entry.sampled:
            return None
        from agents.codes import PARAMETER_DRAW
        from agents.mathematics import triangular_quantile
        from sim.draws import uniform

        luck = uniform(self.seed, declarations.position(entry.drawn_with or entry.key), 0, 0, PARAMETER_DRAW, self.draw)
        low, mode, high = prior(entry)
        return min(max(float(triangular_quantile(luck, low, mode, high)), low), high)


def prior(entry: Declaration) -> tuple[float, float, float]:
    """Low, mode and high of a triangular prior; of the multiplier, for a dated path."""
    if entry.low is not None and entry.high is not None:
        return entry.low, entry.path()[0][1], entry.high
    assert entry.spread_low is not None
    assert entry.spread_high is not None
    return entry.spread_low, 1.0, entry.spread_high


def values_by_quarter(
    entry: Declaration, changes: Steps, drawn: float | None, information: str, quarters: int
) -> list[float]:
    """Value of a parameter in each quarter.

    Args:
        entry: the declaration.
        changes: what the scenario and the user set, from which day on; fixed, whatever the draw.
        drawn: the drawn value (or multiplier of a dated path), None for the central one.
        information: `as_of_2021` or `conditional`.
        quarters: how many quarters from 2021Q1.
    """
    path, (lower, upper) = entry.path(information), entry.bounds
    if drawn is not None and (entry.values is not None or entry.spread_low is not None):
        path = tuple((day, min(max(value * drawn, lower), upper)) for day, value in path)
    elif drawn is not None:
        path = ((path[0][0], drawn), *path[1:])
    path = overlaid(path, changes)
    if len(path) == 1:
        return [path[0][1]] * quarters
    return [held_at(path, first_day(quarter)) for quarter in range(quarters)]


def build_parameters(
    declarations: Declarations,
    changes: Mapping[str, Steps],
    sampler: Sampler,
    information: str,
    quarters: int,
) -> Parameters:
    """One draw of all parameters; raises `ConfigError` when a field of a rule is not declared."""
    groups: dict[str, Any] = {}
    for group in PARAMETER_GROUPS:
        declared, kind = declarations.of_group(group), PARAMETER_GROUPS[group]
        place = PARAMETER_GROUPS.places[group]
        refuse_if([undeclared(declarations.root, group, f, place) for f in kind._fields if f not in declared])
        length = quarters if group in DATED_GROUPS else 1
        columns = []
        for field in kind._fields:
            entry = declared[field]
            drawn = sampler.value(entry, declarations)
            columns.append(values_by_quarter(entry, changes.get(entry.key, ()), drawn, information, length))
        rows = [kind._make(row) for row in zip(*columns, strict=True)]
        groups[group] = rows if group in DATED_GROUPS else rows[0]
    groups["mechanisms"] = groups.pop("model")
    groups["prices"], groups["policies"] = groups.pop("price"), groups.pop("policy")
    return Parameters(**groups)
