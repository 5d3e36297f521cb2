"""A design ready to be run: its points, and the runs of each, as scenarios of the simulator.

Replicate r of a point takes population r modulo the number of populations and parameter draw r, as `lvjin run` does,
so points meet the same firms with the same luck and their differences are those of the factors.
"""

import hashlib
import itertools
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from experiments.designs.design_file import MOST_POINTS, DesignFile, read_design_file, read_factor
from experiments.designs.factors import AXES, Factor, Place, Value, build_factor
from experiments.designs.samples import latin_hypercube, morris, sobol
from sim import Scenario
from sim.configuration.parameters import load_declarations
from sim.configuration.periods import FIRST_YEAR, quarter_index
from sim.configuration.problems import ConfigError, Problem, did_you_mean, one_of, quoted, refuse_if, shown

Settings = Mapping[str, Value]  # of one point, by factor


class Point(NamedTuple):
    """One combination of values."""

    number: int
    settings: dict[str, Value]
    scenario: Scenario
    population: int | None  # None: replicate r takes population r modulo their number


class RunOrder(NamedTuple):
    """One replicate of one point."""

    number: int  # in the order of points, then replicates
    point: Point
    replicate: int
    population: int


@dataclass(frozen=True)
class Design:
    """What is asked, and the points that answer it.

    Attributes:
        file: as written, with every default filled in.
        names: of the factors, in order.
        points: in order.
        factors: with their bounds; none for a list.
        coalitions: two scenarios and the groups of keys in which they differ, where points are coalitions of these.
    """

    file: DesignFile
    names: tuple[str, ...]
    points: tuple[Point, ...]
    factors: tuple[Factor, ...] = ()
    coalitions: Mapping[str, Any] = field(default_factory=dict)

    def runs(self) -> Iterator[RunOrder]:
        """Every run in order: points, then replicates."""
        for point in self.points:
            for replicate in range(self.file.replicates):
                population = replicate % self.file.populations if point.population is None else point.population
                yield RunOrder(point.number * self.file.replicates + replicate, point, replicate, population)

    @property
    def size(self) -> int:
        """Number of runs."""
        return len(self.points) * self.file.replicates

    def content(self) -> dict[str, Any]:
        """What decides the results: the runs and what is kept of them, as plain data."""
        kept = self.file.model_dump(mode="json", include={"replicates", "populations", "variables", "years"})
        points = [[point.settings, point.population, point.scenario.digest()] for point in self.points]
        return kept | {"factors": list(self.names), "points": points}

    def digest(self) -> str:
        """SHA-256 of the content: names, questions, limits and comments do not count."""
        canonical = json.dumps(self.content(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def load_design(path: Path, root: Path | None = None, seed: int | None = None) -> Design:
    """Read a design file.

    Args:
        path: of the file.
        root: another folder of configuration.
        seed: instead of the file's.

    Raises:
        ConfigError: with everything that is wrong with it.
    """
    problems: list[Problem] = []
    declarations = load_declarations(root)
    file = shown(path, declarations.root)
    written, document = read_design_file(path, file, problems)
    if written is None:
        refuse_if(problems)
    assert written is not None
    if seed is not None:
        written = written.model_copy(update={"seed": seed})
    place = Place(file, document, declarations, problems)
    factors = []
    for name, content in written.factors.items():
        entry = read_factor(name, content, document, file, problems)
        if entry is not None:
            factors.append(build_factor(name, entry, written.kind, place))
    problems += _kept_problems(written, place)
    problems += _base_problems(written, place)
    if written.kind == "grid" and math.prod(len(factor.grid()) for factor in factors if factor) > MOST_POINTS:
        problems.append(Problem(file, document.line("factors"), "factors", "too many points", f"{MOST_POINTS:,}"))
    refuse_if(problems)
    found = [factor for factor in factors if factor is not None]
    settings = written.points if written.kind == "list" else list(combined(written, found))
    points = scenarios_of(written, settings, place)
    refuse_if(problems)
    names = tuple(factor.name for factor in found) or tuple(dict.fromkeys(itertools.chain(*settings)))
    return Design(written, names, tuple(points), tuple(found))


def design_of(
    file: DesignFile, factors: Sequence[Factor], settings: Sequence[Settings], root: Path | None = None
) -> Design:
    """A design of points that are chosen in another way than by its kind.

    Args:
        file: scenario, size of runs, what is kept.
        factors: that vary.
        settings: of each point.
        root: another folder of configuration.

    Raises:
        ConfigError: a value that cannot be set.
    """
    place = load_declarations(root).root
    points = [point_of(file, number, given, place) for number, given in enumerate(settings)]
    return Design(file, tuple(factor.name for factor in factors), tuple(points), tuple(factors))


def combined(design: DesignFile, factors: Sequence[Factor]) -> Iterator[dict[str, Value]]:
    """The settings of every point of a grid or a sample."""
    names = [factor.name for factor in factors]
    if design.kind == "grid":
        for values in itertools.product(*(factor.grid() for factor in factors)):
            yield dict(zip(names, values, strict=True))
        return
    size = design.size or 1
    samplers = {
        "latin_hypercube": lambda: latin_hypercube(size, len(factors), design.seed),
        "sobol": lambda: sobol(size, len(factors), design.seed),
        "morris": lambda: morris(size, len(factors), design.levels, design.seed),
    }
    for places in samplers[design.kind]().tolist():
        yield {factor.name: factor.at(place) for factor, place in zip(factors, places, strict=True)}


def scenarios_of(design: DesignFile, settings: Sequence[Mapping[str, Any]], place: Place) -> list[Point]:
    """A point for each of the settings; what is wrong is appended to the problems."""
    points = []
    for number, given in enumerate(settings):
        listed = design.kind == "list"
        try:
            points.append(point_of(design, number, given, place.declarations.root))
        except ConfigError as error:
            for problem in error.problems:
                where = ("points", str(number)) if listed else ("factors", problem.key.partition("@")[0])
                key = ".".join(filter(None, (where[0], str(number) if listed else "", problem.key)))
                moved = problem._replace(file=place.file, line=place.document.line(*where), key=key)
                place.problems.append(moved)
            if not listed:
                break
    return points


def point_of(design: DesignFile, number: int, given: Mapping[str, Any], root: Path) -> Point:
    """The point of given settings; raises `ConfigError` for one that cannot be set."""
    settings = {str(name): value if isinstance(value, (int, float)) else str(value) for name, value in given.items()}
    population = settings.get("population")
    if population is not None and (not isinstance(population, int) or population < 0):
        raise ConfigError([Problem("population", None, "population", quoted(population), "a whole number from 0")])
    changes: dict[str, Any] = dict(design.changes)
    for name, value in settings.items():
        if name not in AXES:
            changes.pop(name, None)
            changes[name] = value
    scenario = Scenario.load(
        str(settings.get("scenario", design.scenario)),
        firms=design.firms,
        until=design.until,
        seed=settings.get("seed", design.seed),  # type: ignore[arg-type] # a wrong one is told
        changes=changes,
        information=design.information,
        parameters=design.parameters,
        root=root,
    )
    return Point(number, settings, scenario, population)


def _kept_problems(design: DesignFile, place: Place) -> list[Problem]:
    """Variables and years that no run holds, and designs that are too large."""
    from sim.results.variable_list import load_variables

    found = []
    known = [variable.name for variable in load_variables(place.declarations.root)]
    for name in design.variables:
        if name not in known:
            allowed, hint = "a variable (`lvjin list variables`)", did_you_mean(name, known)
            found.append(
                Problem(place.file, place.document.line("variables"), "variables", quoted(name), allowed, hint)
            )
    try:
        complete = [FIRST_YEAR + year for year in range((quarter_index(design.until) + 1) // 4)]
    except ValueError:
        return found
    for year in design.years or ():
        if year not in complete:
            allowed = f"complete years of the runs: {one_of(map(str, complete))}"
            found.append(Problem(place.file, place.document.line("years"), "years", quoted(year), allowed))
    runs = (design.size or 1) * design.replicates * (len(design.factors) + 1 if design.kind == "morris" else 1)
    if runs > MOST_POINTS:
        found.append(Problem(place.file, None, "size", f"{runs:,} runs", f"at most {MOST_POINTS:,} runs in all"))
    return found


def _base_problems(design: DesignFile, place: Place) -> list[Problem]:
    """What is wrong with the scenario that all points start from."""
    try:
        point_of(design, 0, {}, place.declarations.root)
    except ConfigError as error:
        return [_at_its_key(problem, place) for problem in error.problems]
    return []


def _at_its_key(problem: Problem, place: Place) -> Problem:
    """A problem of the scenario, told where the design file says it."""
    own = {"scenario", "firms", "until", "seed", "information", "parameters"}
    if problem.file in own:
        return problem._replace(file=place.file, line=place.document.line(problem.file), key=problem.file)
    if problem.file == "changes":
        line = place.document.line("changes", problem.key)
        return problem._replace(file=place.file, line=line, key=f"changes.{problem.key}")
    return problem
