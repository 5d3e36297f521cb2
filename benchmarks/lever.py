"""From a moved lever to the chart of the application: the way of a visitor's click, without page and network."""

import contextlib
import time
from collections.abc import Callable, Iterator

from experiments.languages import speaker
from sim.shared_past import KEPT
from viz.answers import answers
from viz.charts import fan
from viz.engine import Engine
from viz.view import View, scenario_of

LEVER = "policy.retrofit_grant.share"
PATIENCE = 600.0  # seconds


def clicks(firms: int, quarters: int, replicates: int, rounds: int) -> tuple[list[float], list[float]]:
    """Seconds to the sketch from the first replicate, and to the band from all; every round has a share of its own."""
    with visitor(firms, quarters, replicates) as click:
        click(0.2)  # charts and words are loaded
        found = [click(0.21 + 0.01 * number) for number in range(rounds)]
    sketches, bands = zip(*found, strict=True)
    return list(sketches), list(bands)


@contextlib.contextmanager
def visitor(firms: int, quarters: int, replicates: int) -> Iterator[Callable[[float], tuple[float, float]]]:
    """A visitor who can move the lever to a share; the baseline is there already, as it is for everybody.

    What other measurements left in memory is forgotten: the application has a process of its own, and their pasts would
    take the room of its own.
    """
    KEPT.forget()
    until = f"{2020 + quarters // 4}Q4"
    engine = Engine(replicates=replicates)
    try:
        with engine.asking(scenario_of("baseline", (), until, firms)) as baseline:
            engine.wait([baseline], replicates - 1, PATIENCE)
        yield lambda share: shown(engine, View().put(LEVER, share), until, firms)
    finally:
        engine.close()


def shown(engine: Engine, view: View, until: str, firms: int) -> tuple[float, float]:
    """Seconds until the sketch of a setting and until its band are ready to be sent."""
    started = time.perf_counter()
    scenario = scenario_of(view.scenario, view.changes, until, firms)
    beside = scenario_of("baseline", (), until, firms)
    times = []
    with engine.asking(scenario) as job, engine.asking(beside) as baseline:
        for wanted in (1, engine.replicates):
            engine.wait([job, baseline], engine.replicates + wanted - 1, PATIENCE)
            told = answers(scenario, engine.so_far(job), engine.so_far(baseline), engine.populations)
            assert told is not None
            assert told.n >= wanted
            fan(told, view, speaker("zh"))
            times.append(time.perf_counter() - started)
    return times[0], times[1]
