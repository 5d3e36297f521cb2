"""`lvjin run`: scenarios beside each other, each an ensemble, written as one bundle with its figures.

Everything that can be wrong is looked at before the first firm is drawn: all options at once, and whether the folder
can be written. Tables and figures are made in memory and written last, so an interruption leaves nothing behind.
"""

import contextlib
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from experiments.progress import COMPILING, Reporter, reporter, written
from sim.configuration.problems import ConfigError, Problem, quoted, refuse_if

if TYPE_CHECKING:
    from sim.ensemble import Ensemble
    from sim.scenario import Scenario

MAIN_JOB = ("baseline", "plan")
RESULTS = "results"  # folder of the bundles that are given no other
FAILED_RUNS = 4
SHORT = 6  # digits of a digest that make a name


@dataclass(frozen=True)
class Order:
    """What the user asked for."""

    scenarios: Sequence[str] = ()
    firms: int = 5000
    until: str = "2025Q4"
    replicates: int = 100
    populations: int = 2
    parameters: str = "posterior"
    information: str = "as_of_2021"
    changes: Sequence[str] = ()
    micro: int | None = None
    out: Path | None = None
    seed: int = 1
    workers: int | None = None
    quiet: bool = False
    verbose: bool = False
    command: Sequence[str] = ()

    @classmethod
    def of(cls, context: typer.Context, **own: Any) -> "Order":
        """The order that the options of a command make: each field from the option of its name, if it has one.

        Args:
            context: of the command.
            own: fields that the command fills itself.
        """
        fields = cls.__dataclass_fields__.keys() - own
        given = {name: value for name, value in context.params.items() if name in fields and value is not None}
        place = {"out": Path(given["out"])} if "out" in given else {}
        return cls(**{**given, **place, **own, "command": ("lvjin", *(context.obj or ()))})


def run_scenarios(order: Order) -> int:
    """Run, write and tell; return the exit code.

    Raises:
        ConfigError: everything that is wrong with the order, before anything is run.
        OSError: the folder cannot be written; found before anything is run.
        IntegrityError: an identity of the model is broken; nothing is written.
    """
    scenarios = load_scenarios(order)
    folder = order.out or default_folder(scenarios)
    with claimed(folder), reporter(order.quiet) as tell:
        try:
            ensemble = simulated(scenarios, order, tell)
            written_out(ensemble, folder, order, tell)
        except KeyboardInterrupt:
            tell.say("已中断，没有写入任何结果。Interrupted; no results were written.")
            raise
    if not order.quiet:
        from experiments.results import Results
        from experiments.summary import print_summary

        print_summary(Results.of(ensemble), folder, verbose=order.verbose)
    for failure in ensemble.failures:
        line = f"{failure.scenario}: 重复 replicate {failure.replicate} 失败 failed: {failure.error}"
        typer.echo(line, err=True)
    return FAILED_RUNS if ensemble.failures else 0


def load_scenarios(order: Order) -> list["Scenario"]:
    """The scenarios of an order; raises `ConfigError` with everything that is wrong with it."""
    from sim.scenario import Scenario

    problems: list[Problem] = []
    changes = read_settings(order.changes, problems)
    scenarios = []
    for name in order.scenarios or MAIN_JOB:
        try:
            loaded = Scenario.load(
                name, order.firms, order.until, order.seed, changes, order.information, order.parameters
            )
            scenarios.append(loaded)
        except ConfigError as error:
            problems += [as_option(problem) for problem in error.problems]
    names = [scenario.name for scenario in scenarios]
    twice = sorted({name for name in names if names.count(name) > 1})
    problems += [Problem("SCENARIO", None, "", f"{name} twice", "every scenario once") for name in twice]
    problems += number_problems(order)
    refuse_if(problems)
    return scenarios


def read_settings(texts: Sequence[str], problems: list[Problem]) -> dict[str, str]:
    """`KEY=VALUE` and `KEY@DATE=VALUE` as a mapping."""
    changes: dict[str, str] = {}
    for text in texts:
        key, equals, value = (part.strip() for part in text.partition("="))
        if not (equals and key and value):
            problems.append(Problem("--set", None, "", quoted(text), "KEY=VALUE or KEY@DATE=VALUE"))
        elif key in changes:
            problems.append(Problem("--set", None, key, "a second value", "one value for each key and date"))
        else:
            changes[key] = value
    return changes


def as_option(problem: Problem) -> Problem:
    """The problem as the command line's user knows it."""
    options = {"changes": "--set", "scenario": "SCENARIO"}
    option = options.get(problem.file)
    if option is None and problem.file in ("firms", "until", "seed", "information", "parameters"):
        option = f"--{problem.file}"
    return problem if option is None else problem._replace(file=option)


def number_problems(order: Order) -> list[Problem]:
    """What is wrong with the numbers that only an ensemble knows."""
    from sim.ensemble import MOST_REPLICATES

    last = max(order.replicates - 1, 0)
    limits: dict[str, tuple[Any, int, int]] = {
        "--replicates": (order.replicates, 1, MOST_REPLICATES),
        "--populations": (order.populations, 1, MOST_REPLICATES),
        "--workers": (1 if order.workers is None else order.workers, 1, 1024),
        "--micro": (0 if order.micro is None else order.micro, 0, last),
    }
    return [
        Problem(name, None, "", quoted(value), f"a whole number from {low:,} to {high:,}")
        for name, (value, low, high) in limits.items()
        if not low <= value <= high
    ]


def default_folder(scenarios: Sequence["Scenario"]) -> Path:
    """Where a run goes that is given no folder: by its scenarios, and by a digest of changes if there are any.

    The same command goes to the same place; another size or seed of the same scenarios replaces it.
    """
    from hashlib import sha256

    from sim.configuration.scenario_files import scenario_names
    from sim.results.bundle import slugs

    name = "-".join(slugs([scenario.name for scenario in scenarios]))
    known = set(scenario_names())
    plain = [replace(scenario, firms=1, until="2021Q4", seed=0, parameters="prior") for scenario in scenarios]
    if any(scenario.name not in known or scenario.changes != declared(scenario) for scenario in plain):
        digest = sha256(" ".join(scenario.digest() for scenario in plain).encode()).hexdigest()
        name = f"{name}-{digest[:SHORT]}"
    return Path(RESULTS) / name


def declared(scenario: "Scenario") -> Any:
    """The changes of a scenario of configs/scenarios/ without the user's."""
    from sim.scenario import Scenario

    return Scenario.load(scenario.name, information=scenario.information).changes


@contextlib.contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Make a folder, see that it can be written, and take it away again if nothing came to lie in it.

    Raises:
        OSError: it cannot be made or written.
    """
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        pass
    try:
        yield
    finally:
        for place in missing:
            with contextlib.suppress(OSError):
                place.rmdir()  # only if it is empty


def simulated(scenarios: Sequence["Scenario"], order: Order, tell: Reporter) -> "Ensemble":
    """Run the scenarios one after the other."""
    from sim.ensemble import combine, simulate
    from sim.warmup import is_warm, warm_up

    if not is_warm():
        count = tell.counter(COMPILING)
        warm_up(lambda done, in_all, name: count(done, in_all))
    stop = threading.Event()
    ensembles = [
        simulate(
            scenario,
            order.replicates,
            order.populations,
            order.workers,
            tell.counter(scenario.name),
            order.micro,
            stop,
        )
        for scenario in scenarios
    ]
    return combine(ensembles)


def written_out(ensemble: "Ensemble", folder: Path, order: Order, tell: Reporter) -> None:
    """Draw the figures, then write tables and figures."""
    from experiments.figures import figure_files, figure_names
    from experiments.results import Results
    from sim.results.atomic import Folder

    results, drawn = Results.of(ensemble), dict[str, bytes]()
    count, in_all = tell.counter("图 figures"), len(figure_names(results))
    for name, content in figure_files(results):
        drawn[name] = content
        count(len(drawn), in_all)
    count = tell.counter("写出 writing")
    ensemble.save(folder, order.command)
    with Folder(folder) as into:
        for name, content in drawn.items():
            into.write(name, content)
        if drawn:
            into.publish(no_longer=figure_names())
    count(1, 1)
    if order.verbose:
        tell.say(f"模拟用时 simulated in {written(ensemble.seconds)}")
