"""A scenario: what is run, from 2021Q1 to when, with how many firms, and what differs from the declared world.

Scenario files in configs/scenarios/ hold differences only. Nothing that a scenario or a user changes acts before 2022,
except structural changes (every group but price and policy), which describe another world for the whole run.
"""

import hashlib
import json
import numbers
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from sim.configuration.changes import WHOLE_RUN, effective, merged, read_changes
from sim.configuration.declarations import Declaration, Steps, held_at, overlaid
from sim.configuration.parameters import Declarations, load_declarations
from sim.configuration.periods import LAST_YEAR, PLAN_START, quarter_index, quarter_name
from sim.configuration.posterior import posterior_file, read_posterior
from sim.configuration.problems import Problem, did_you_mean, one_of, quoted, refuse_if
from sim.configuration.sampling import Parameters, Sampler, build_parameters
from sim.configuration.scenario_files import file_changes, scenario_path

MOST_FIRMS = 2_000_000
INFORMATION = ("as_of_2021", "conditional")
PARAMETERS = ("posterior", "prior", "central")
NO_POSTERIOR = "There is no posterior yet (`lvjin calibrate` makes one): parameters are drawn from their priors."


class Change(NamedTuple):
    """One value that differs from the declared world, from a day on; `day` is None for the whole run."""

    key: str
    day: date | None
    value: float


class Lever(NamedTuple):
    """A policy that users may move, and where it stands at the beginning of 2022."""

    key: str
    value: float
    lower: float
    upper: float
    unit: str
    name_zh: str
    name_en: str
    source: tuple[str, ...]
    plan_section: str
    date: date | None  # since when the value holds; None for one without a date


@dataclass(frozen=True)
class Scenario:
    """What is run. Made by `Scenario.load`; equal scenarios have equal digests and equal results.

    Attributes:
        name: the scenario's name, `baseline` for the declared world.
        firms: rows of the population, 1 to 2,000,000.
        until: last quarter, 2021Q1 to 2035Q4.
        seed: key of all draws, 0 to 2⁶³ − 1.
        changes: what differs, sorted by key and day, without values that change nothing.
        information: `as_of_2021` or `conditional` (later prices, rates and policies as they came).
        parameters: `posterior`, `prior` or `central`.
        notice: what the user should be told, empty when nothing.
        root: the folder of the configuration, None for that of this installation.
    """

    name: str = "baseline"
    firms: int = 5000
    until: str = "2025Q4"
    seed: int = 1
    changes: tuple[Change, ...] = ()
    information: str = "as_of_2021"
    parameters: str = "prior"
    notice: str = field(default="", compare=False)
    root: Path | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        refuse_if(_input_problems(self.firms, self.until, self.seed, self.information, self.parameters))

    @classmethod
    def load(
        cls,
        name: str = "baseline",
        firms: int = 5000,
        until: str = "2025Q4",
        seed: int = 1,
        changes: Mapping[str, Any] | None = None,
        information: str = "as_of_2021",
        parameters: str = "posterior",
        root: Path | None = None,
    ) -> "Scenario":
        """A scenario by name or file, with the user's changes on top.

        Args:
            name: a name of configs/scenarios/, or the path of a scenario file.
            firms: rows of the population, 1 to 2,000,000.
            until: last quarter, for example `2025Q4`.
            seed: a whole number from 0 to 2⁶³ − 1.
            changes: `{KEY: value}` from 2022-01-01 on, `{"KEY@DATE": value}` or `{KEY: {DATE: value}}` from that date;
                keys outside price and policy are structural, hold for the whole run and take no date. A value equal
                to the declared one is no change, so a sampled parameter set to its central value stays sampled.
            information: `as_of_2021` or `conditional`.
            parameters: `posterior`, `prior` or `central`; without a posterior, `prior` and a notice.
            root: another folder of configuration.

        Raises:
            ConfigError: a ValueError with every problem of the inputs, the scenario file and the changes.

        Example:
            >>> from sim.scenario import Scenario
            >>> Scenario.load("baseline", until="2030Q4").quarters  # doctest: +SKIP
            40
        """
        root = None if root is None else Path(root)
        declarations = load_declarations(root)
        problems = _input_problems(firms, until, seed, information, parameters)
        path = scenario_path(name, declarations.root, problems)
        from_file = file_changes(path, declarations, problems) if path else {}
        from_user = read_changes(changes or {}, declarations, "changes", problems)
        refuse_if(problems)
        steps = effective(merged(from_file, from_user), declarations, information)
        notice = ""
        if parameters == "posterior" and not posterior_file(declarations.root).exists():
            parameters, notice = "prior", NO_POSTERIOR
        listed = tuple(
            Change(key, None if day == WHOLE_RUN else day, value) for key in steps for day, value in steps[key]
        )
        stem = path.stem if path else name
        return cls(stem, int(firms), until, int(seed), listed, information, parameters, notice, root)

    @property
    def quarters(self) -> int:
        """Number of quarters from 2021Q1 to the last one."""
        return quarter_index(self.until) + 1

    @property
    def declarations(self) -> Declarations:
        """The declared world that the scenario differs from."""
        return load_declarations(self.root)

    @property
    def steps(self) -> dict[str, Steps]:
        """The changes as steps of each key."""
        steps: dict[str, Steps] = {}
        for key, day, value in self.changes:
            steps[key] = (*steps.get(key, ()), (day or WHOLE_RUN, value))
        return steps

    def tuples(self, draw: int | None = None) -> Parameters:
        """All parameters as NamedTuples of floats.

        Args:
            draw: None for central values; r for the r-th draw of the priors (or of the posterior).

        Returns:
            Parameters: groups by name; `prices[q]` and `policies[q]` for each quarter q from 2021Q1.
        """
        row: Mapping[str, float] = {}
        if self.parameters == "posterior" and draw is not None:
            rows = read_posterior(self.declarations.root)
            row = rows[draw % len(rows)]
        sampler = Sampler(self.seed, None if self.parameters == "central" else draw, row)
        return build_parameters(self.declarations, self.steps, sampler, self.information, self.quarters)

    def levers(self) -> list[Lever]:
        """The policies that users may move, as this scenario sets them, sorted by key."""
        steps = self.steps
        return [
            _lever(entry, overlaid(entry.path(self.information), steps.get(key, ())))
            for key, entry in self.declarations.items()
            if entry.lever
        ]

    def as_dict(self) -> dict[str, Any]:
        """The scenario as plain JSON data; changes as `{key: {day or "whole run": value}}`."""
        changes: dict[str, dict[str, float]] = {}
        for key, day, value in self.changes:
            changes.setdefault(key, {})[str(day or "whole run")] = value
        names = ("name", "firms", "until", "seed", "information", "parameters")
        return {name: getattr(self, name) for name in names} | {"changes": changes}

    def digest(self) -> str:
        """SHA-256 of the scenario's canonical JSON: order of keys, comments and no-changes do not count."""
        canonical = json.dumps(self.as_dict(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def levers(root: Path | None = None) -> list[Lever]:
    """The policies that users may move, as declared, sorted by key."""
    return [_lever(entry, entry.path()) for entry in load_declarations(root).values() if entry.lever]


def _lever(entry: Declaration, path: Steps) -> Lever:
    since = max((day for day, _ in path if day <= PLAN_START), default=path[0][0])
    return Lever(
        entry.key,
        held_at(path, PLAN_START),
        *entry.bounds,
        entry.unit,
        entry.name_zh,
        entry.name_en,
        tuple(entry.source),
        entry.plan_section,
        None if since == date.min else since,
    )


def _input_problems(firms: Any, until: Any, seed: Any, information: Any, parameters: Any) -> list[Problem]:
    problems = []
    for name, value, least, most in (("firms", firms, 1, MOST_FIRMS), ("seed", seed, 0, 2**63 - 1)):
        whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
        if not (whole and least <= value <= most):
            allowed = f"a whole number from {least:,} to {most:,}"
            problems.append(Problem(name, None, "", quoted(value), allowed))
    last = f"{LAST_YEAR}Q4"
    try:
        in_time = 0 <= quarter_index(until) <= quarter_index(last)
    except (TypeError, ValueError):
        in_time = False
    if not in_time:
        year = str(until).strip()
        hint = f"Write {year}Q4." if year.isdecimal() and len(year) == 4 else ""
        problems.append(Problem("until", None, "", quoted(until), f"{quarter_name(0)} to {last}", hint))
    for name, value, words in (("information", information, INFORMATION), ("parameters", parameters, PARAMETERS)):
        if value not in words:
            hint = did_you_mean(value, words)
            problems.append(Problem(name, None, "", quoted(value), one_of(words), hint))
    return problems
