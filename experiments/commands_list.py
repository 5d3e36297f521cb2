"""`lvjin list`: what there is to choose from."""

import sys
from collections.abc import Callable, Iterator

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
    if sys.stdout.isatty():
        sys.stdout.write("\n".join(lever_page(levers(), declarations)) + "\n")
    else:
        print_table("政策杠杆 Levers", LEVER_COLUMNS, [lever_row(lever, declarations) for lever in levers()])


def lever_page(found: list[Lever], declarations: Declarations) -> Iterator[str]:
    """The levers for readers: by instrument, three lines each, and then the sources that they name."""
    instrument = ""
    for lever in found:
        entry = declarations[lever.key]
        group, _, name = lever.key.rpartition(".")
        if group != instrument:
            instrument = group
            yield f"\n{instrument}"
        value, lower, upper = (entry.written(number) for number in (lever.value, lever.lower, lever.upper))
        yield f"  .{name}  {lever.name_zh} · {lever.name_en}"
        unit = "" if lever.unit == "1" else f" {lever.unit}"
        yield f"      {value}{unit}，{lower} … {upper}，§{lever.plan_section} → {entry.moves}"
        yield f"      [{', '.join(lever.source)}]"
    yield "\n来源 Sources"
    for key in sorted({key for lever in found for key in lever.source}):
        source = declarations.sources[key]
        titles = " / ".join(filter(None, (source.title, source.title_en)))
        yield f"  {key}: {', '.join(filter(None, (titles, source.publisher, str(source.year or ''))))}"


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
