"""One draw of all parameters, as the tuples of floats that rules and kernels take.

A quarter takes the value of its first day. Each prior is sampled by its own keyed uniform, so that scenarios share
their luck; what a scenario or a user sets is fixed, whatever the draw.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from sim.configuration.declarations import Declaration, Steps, held_at, overlaid
from sim.configuration.parameters import DATED_GROUPS, PARAMETER_GROUPS, Declarations, load_declarations, undeclared
from sim.configuration.periods import first_day
from sim.configuration.problems import refuse_if


class Parameters(NamedTuple):
    """One draw of all parameters: a NamedTuple of floats for each group; prices and policies one per quarter."""

    behaviour: Any
    firm: Any
    finance: Any
    market: Any
    conversion: Any
    switching: Any
    symbiosis: Any
    certification: Any
    factor: Any
    population: Any
    network: Any
    revenue: Any
    mechanisms: Any
    prices: list[Any]
    policies: list[Any]


class Sampler(NamedTuple):
    """How parameters are drawn: `draw` None leaves central values; a row of the posterior goes before the priors."""

    seed: int
    draw: int | None
    posterior: Mapping[str, float]


class Priors(NamedTuple):
    """What is drawn: low, mode and high of triangular priors, and whose luck each has; shape (n_priors,)."""

    keys: list[str]
    identity: Any
    low: Any
    mode: Any
    high: Any


def drawn_values(declarations: Declarations, sampler: Sampler) -> dict[str, float]:
    """The drawn values, and multipliers of dated paths, by key; keys that are not drawn are left out."""
    if sampler.draw is None:
        return {}
    # The compiler is loaded only here, so that commands which draw nothing start at once.
    import numpy as np

    from sim.configuration.priors import draw_priors

    keys, identity, low, mode, high = priors_of(declarations.root)
    drawn = np.empty(len(keys))
    draw_priors(sampler.seed, sampler.draw, identity, low, mode, high, drawn)
    return dict(zip(keys, drawn.tolist(), strict=True)) | dict(sampler.posterior)


@cache
def priors_of(root: Path) -> Priors:
    """All that is drawn in the declarations of a folder."""
    import numpy as np

    declarations = load_declarations(root)
    entries = [entry for entry in declarations.values() if entry.sampled]
    identity = np.array([declarations.identity(entry.drawn_with or entry.key) for entry in entries], dtype=np.int64)
    bounds = np.array([prior(entry) for entry in entries], dtype=np.float64).reshape(-1, 3).T.copy()
    return Priors([entry.key for entry in entries], identity, *bounds)


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
    path = entry.path(information)
    if drawn is not None and (entry.values is not None or entry.spread_low is not None):
        lower, upper = entry.bounds
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
    drawn = drawn_values(declarations, sampler)
    values = central_values(declarations.root, information, quarters).copy()
    for key in drawn.keys() | changes.keys():
        entry, steps = declarations[key], changes.get(key, ())
        values[key] = values_by_quarter(entry, steps, drawn.get(key), information, length_of(entry, quarters))
    for group in PARAMETER_GROUPS:
        declared, kind = declarations.of_group(group), PARAMETER_GROUPS[group]
        place = PARAMETER_GROUPS.places[group]
        refuse_if([undeclared(declarations.root, group, f, place) for f in kind._fields if f not in declared])
        columns = [values[declared[field].key] for field in kind._fields]
        rows = [kind._make(row) for row in zip(*columns, strict=True)] or [kind()] * quarters  # without parameters
        groups[group] = rows if group in DATED_GROUPS else rows[0]
    groups["mechanisms"] = groups.pop("model")
    groups["prices"], groups["policies"] = groups.pop("price"), groups.pop("policy")
    return Parameters(**groups)


@cache
def central_values(root: Path, information: str, quarters: int) -> dict[str, list[float]]:
    """The central values of all that is declared in a folder, by quarter; most of them hold in every draw."""
    return {
        key: values_by_quarter(entry, (), None, information, length_of(entry, quarters))
        for key, entry in load_declarations(root).items()
    }


def length_of(entry: Declaration, quarters: int) -> int:
    """How many values a run takes: one for each quarter, or one for the whole run."""
    return quarters if entry.group in DATED_GROUPS else 1
