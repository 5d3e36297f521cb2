"""From a lever to data and to a chart: the parts of a replicate, alone and beside another, and what surrounds them."""

from collections.abc import Iterator, Mapping

from benchmarks.lever import visitor
from benchmarks.measures import answering
from benchmarks.profiles.watch import PROCESSOR, WALL, Watch, watching
from benchmarks.tables import milliseconds, table
from sim.shared_past import KEPT

FIRMS, QUARTERS, REPLICATES, ROUNDS = 5_000, 20, 20, 3
REPLICATE = {
    "numbers drawn, moments of the quarters": ("sim.results.reducing.prepare_run",),
    "district at the end of 2021: looked up and copied": (
        "sim.shared_past.may_share",
        "sim.shared_past.key_of",
        "sim.shared_past.Pasts.copy_of",
    ),
    "sixteen quarters since 2022": ("sim.run.take_quarter",),
    "what follows: books, totals, variables": ("sim.results.reducing.reduced",),
    "all else": ("sim.results.replicating.run_and_reduce", "viz.engine.run_and_reduce"),
}
ELSE = "everything else"
AROUND = {
    "setting read, populations looked up": ("benchmarks.measures.Scenario.load", "sim.ensemble.build_world"),
    f"{REPLICATES} replicates in two threads": ("sim.ensemble.run_all",),
    "summary": ("sim.results.tidy.summary",),
}
CLICK = {
    "settings read, jobs put into the queue": ("benchmarks.lever.scenario_of", "viz.engine.Engine._enter"),
    f"{REPLICATES} replicates waited for": ("viz.engine.Engine.wait",),
    "odds and bands, for the sketch and at the end": ("benchmarks.lever.answers",),
    "chart, twice": ("benchmarks.lever.fan",),
}


def lever() -> Iterator[str]:
    """A replicate by its parts, then an answer by its own."""
    KEPT.forget()  # of others, who may have taken all the room
    answering(FIRMS, QUARTERS, REPLICATES, 1)  # populations and pasts are there
    alone, together, clicked = answered(1), answered(2), chart()
    size = f"{FIRMS:,} firms × {QUARTERS} quarters × {REPLICATES} replicates"
    yield f"A moved lever, {size}, means of {ROUNDS + 1} settings."
    yield "Milliseconds of a replicate; a thread waits for the interpreter's lock, or for a processor."
    yield ""
    heads = ["one thread", "two threads", "and waits", "application, two threads", "and waits"]
    yield from table(["part of a replicate", *heads], replicate_rows(alone, together, clicked))
    yield ""
    yield from table(["from lever to data", "ms"], answer_rows(together, AROUND))
    yield ""
    yield from table(["from lever to chart in the application", "ms"], answer_rows(clicked, CLICK))


def answered(workers: int) -> Watch:
    """A lever moved again and again in so many threads."""
    with watching(REPLICATE | AROUND) as watch, watch.stage(ELSE):
        answering(FIRMS, QUARTERS, REPLICATES, ROUNDS, workers=workers)
    return watch


def chart() -> Watch:
    """The same in the application."""
    with visitor(FIRMS, QUARTERS, REPLICATES) as click:
        click(0.2)  # charts and words are loaded
        with watching(REPLICATE | CLICK) as watch, watch.stage(ELSE):
            for number in range(ROUNDS + 1):
                click(0.21 + 0.01 * number)
    return watch


def replicate_rows(alone: Watch, together: Watch, clicked: Watch) -> Iterator[list[str]]:
    """Processor time and waiting by part."""
    runs = REPLICATES * (ROUNDS + 1)
    columns = [alone.told(PROCESSOR)]
    for watch in (together, clicked):
        wall, processor = watch.told(WALL), watch.told(PROCESSOR)
        columns += [processor, {name: wall[name] - processor[name] for name in processor}]
    for name in REPLICATE:
        yield [name, *(milliseconds(column[name] / runs) for column in columns)]
    yield ["all", *(milliseconds(sum(column[name] for name in REPLICATE) / runs) for column in columns)]


def answer_rows(watch: Watch, stages: Mapping[str, object]) -> Iterator[list[str]]:
    """What a user waits for."""
    wall = watch.told(WALL)
    for name in (*stages, ELSE):
        yield [name, milliseconds(wall[name] / (ROUNDS + 1))]
    yield ["all", milliseconds(sum(wall[name] for name in (*stages, ELSE)) / (ROUNDS + 1))]
