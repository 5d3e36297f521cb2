"""`lvjin list`: what there is to choose from."""

import sys
from collections.abc import Callable

from experiments.printing import print_table
from sim.configuration.parameters import Declarations, Problem, load_declarations
from sim.configuration.problems import did_you_mean, one_of, refuse_if
from sim.configuration.scenario_files import read_scenario_file, scenario_names
from sim.configuration.tables import load_schema, load_table
from sim.scenario import Lever, levers

LEVER_COLUMNS = (
    *("key", "name_zh", "name_en", "value", "bounds", "unit", "plan_section", "source"),
    *("moves", "mechanism", "evidence"),
)
READ_COLUMNS = 8  # of a lever that a terminal shows without --verbose; other programs get them all
FIRST_COLUMNS = 6  # of a table that are shown without --verbose


def list_topic(topic: str, *, verbose: bool = False) -> int:
    """Print what there is of a topic; raises `ConfigError` for a topic that does not exist."""
    if topic not in TOPICS:
        hint = did_you_mean(topic, TOPICS)
        refuse_if([Problem("list", None, "", repr(topic), one_of(TOPICS), hint)])
    TOPICS[topic](verbose)
    return 0


def _scenarios(verbose: bool) -> None:
    root, problems = load_declarations().root, list[Problem]()
    files = {
        name: read_scenario_file(root / "scenarios" / f"{name}.yaml", root, problems)[0] for name in scenario_names()
    }
    refuse_if(problems)
    rows = [
        (name, file.name_zh, file.name_en, len(file.changes), file.sentence_zh, file.sentence_en)
        for name, file in files.items()
        if file is not None
    ]
    header = ("scenario", "name_zh", "name_en", "changes", "sentence_zh", "sentence_en")
    print_table("情景 Scenarios", header, rows)


def _levers(verbose: bool) -> None:
    declarations = load_declarations()
    rows = [lever_row(lever, declarations) for lever in levers()]
    if sys.stdout.isatty() and not verbose:
        rows = [row[:READ_COLUMNS] for row in rows]
    print_table("政策杠杆 Levers", LEVER_COLUMNS[: len(rows[0])], rows)


def lever_row(lever: Lever, declarations: Declarations) -> tuple[str, ...]:
    """What is told of one lever: what it is and how far it goes, then what it moves and where it comes from."""
    entry = declarations[lever.key]
    numbers = [entry.written(number) for number in (lever.value, lever.lower, lever.upper)]
    sources = [declarations.sources[key] for key in lever.source]
    return (
        lever.key,
        lever.name_zh,
        lever.name_en,
        numbers[0],
        " … ".join(numbers[1:]),
        lever.unit,
        lever.plan_section,
        "; ".join(" / ".join(filter(None, (source.title, source.title_en))) for source in sources),
        entry.moves,
        entry.mechanism,
        entry.evidence,
    )


def _parameters(verbose: bool) -> None:
    header = ("key", "value", "unit", "lower", "upper", "name_zh", "name_en", "evidence", "quality")
    rows = []
    for key, entry in load_declarations().items():
        value = entry.written(entry.path()[0][1]) if entry.values is None else f"path of {len(entry.values)} dates"
        lower, upper = (entry.written(bound) for bound in entry.bounds)
        rows.append((key, value, entry.unit, lower, upper, entry.name_zh, entry.name_en, entry.evidence, entry.quality))
    print_table("参数 Parameters", header, rows)


def _variables(verbose: bool) -> None:
    from sim.results.variable_list import load_variables

    header = ("variable", "unit", "kind", "name_zh", "name_en", "target")
    rows = []
    for variable in load_variables():
        target = variable.target
        wanted = f"{target.sense} {target.value:g} in {target.year}" if target else ""
        name = (variable.name_zh, variable.name_en)
        rows.append((variable.name, variable.unit, variable.kind, *name, wanted))
    print_table("变量 Variables", header, rows)


def _table(title: str, name: str) -> Callable[[bool], None]:
    def show(verbose: bool) -> None:
        frame = load_table(name)
        first = [column for column in load_schema(name).names if column in frame.columns]
        shown = first if verbose else first[:FIRST_COLUMNS]
        print_table(title, shown, frame[shown].itertuples(index=False))

    return show


TOPICS: dict[str, Callable[[bool], None]] = {
    "scenarios": _scenarios,
    "levers": _levers,
    "sectors": _table("行业 Sectors", "sectors"),
    "options": _table("技术 Options", "options"),
    "parameters": _parameters,
    "variables": _variables,
}
