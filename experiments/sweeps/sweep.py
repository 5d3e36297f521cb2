"""A design run to its end in a folder: begun, gone on with after an interruption, and told in two tables."""

import importlib.metadata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.designs.design import Design
from experiments.sweeps.filling import Outcomes, fill
from experiments.sweeps.kept import Kept
from experiments.sweeps.manifest import claim
from experiments.sweeps.model_work import ModelRun, key_of, run_model
from experiments.sweeps.store import FAILED, Shard, Store, locked
from experiments.sweeps.tables import write_tables
from experiments.sweeps.work import INTEGRITY, Limits, Task
from experiments.sweeps.workers import Pool
from sim.results.atomic import make_folder
from sim.results.provenance import CODE, DATA, SETTINGS, digest, revision, version

DECIDING = ("numba", "numpy")  # libraries that results could depend on
POSTERIOR = (("configs", "*.csv"),)
PRELOAD = ("experiments.sweeps.model_work",)
Count = Callable[[int, int], None]


@dataclass(frozen=True)
class Sweep:
    """A sweep that came to its end.

    Attributes:
        design: what was run.
        folder: where its shards and tables lie.
        keys: of its runs, in order.
        kept: values or failures by key.
        simulated: runs done this time; the others were there.
        rejected: shards that were spoilt and have been done again.
    """

    design: Design
    folder: Path
    keys: tuple[str, ...]
    kept: Kept
    simulated: int
    rejected: int

    @property
    def failures(self) -> list[tuple[int, str, str]]:
        """Number, kind and message of each failed run."""
        found = [(number, self.kept.failures.get(key)) for number, key in enumerate(self.keys)]
        return [(number, header["kind"], header["message"]) for number, header in found if header is not None]

    @property
    def broken(self) -> bool:
        """Whether an identity of the model was broken in a run."""
        return any(kind == INTEGRITY for _, kind, _ in self.failures)

    def values(self, variable: str, year: int) -> NDArray[np.float64]:
        """One variable in one year, shape (n_points, n_replicates); not a number where a run failed."""
        row, column = list(self.kept.years).index(year), list(self.kept.variables).index(variable)
        values = [self.kept.values[key][row, column] if key in self.kept.values else np.nan for key in self.keys]
        return np.array(values).reshape(len(self.design.points), self.design.file.replicates)


def run_sweep(
    design: Design,
    folder: Path,
    outcomes: Outcomes | None = None,
    workers: int = 1,
    count: Count = lambda done, in_all: None,
    retry: bool = False,
) -> Sweep:
    """Do the runs of a design that are missing in a folder, then write the tables.

    Args:
        design: what is run.
        folder: made if need be; holds one sweep.
        outcomes: does the runs; processes of this machine by default.
        workers: how many of them.
        count: told how many runs are done, and how many there are.
        retry: do failed runs again.

    Raises:
        ConfigError: the folder holds a sweep of something else; each difference is told.
        BusyError: another process is at work in the folder.
        OSError: it cannot be written.
    """
    make_folder(folder)
    limits = Limits(design.file.seconds, design.file.gigabytes)
    outcomes = outcomes or Pool(run_model, workers, limits, PRELOAD).outcomes
    with locked(folder):
        made_of = ingredients(design)
        claim(folder, made_of, story(design))
        store = Store(folder)
        store.prepare()
        keys = run_keys(design, made_of)
        kept, rejected = Kept(design.file), 0
        for key in sorted(store.keys() & set(keys)):
            shard = store.read(key)
            rejected += shard is None
            if shard is not None and not (retry and shard.status == FAILED):
                kept.take(shard)
        tasks = list(missing(design, keys, kept))
        done, in_all = len(set(keys)) - len(tasks), len(set(keys))

        def written(shard: Shard) -> None:
            nonlocal done
            kept.take(shard)
            done += 1
            count(done, in_all)

        count(done, in_all)
        fill(store, tasks, outcomes, written)
        write_tables(folder, design, keys, kept)
    return Sweep(design, folder, keys, kept, len(tasks), rejected)


def ingredients(design: Design) -> dict[str, Any]:
    """What the results follow from, by the keys of the manifest."""
    return {
        "design_sha256": design.digest(),
        "code_sha256": digest(CODE),
        "settings_sha256": digest(SETTINGS),
        "data_sha256": digest((*DATA, *POSTERIOR)),
        "libraries": {name: importlib.metadata.version(name) for name in DECIDING},
    }


def story(design: Design) -> dict[str, Any]:
    """What else the record of a sweep tells."""
    told = design.file.model_dump(mode="json", include={"name_zh", "name_en", "question_zh", "question_en", "kind"})
    design_file = design.file.model_dump(mode="json", exclude={"factors", "points"})  # points stand in runs.csv
    whole = {"runs": design.size, "names": list(design.names), "design": design_file}
    whole |= {"coalitions": dict(design.coalitions)} if design.coalitions else {}
    return {"project": "lvjin", "version": version(), **revision(), **told, **whole}


def run_keys(design: Design, made_of: dict[str, Any]) -> tuple[str, ...]:
    """The keys of all runs, in order; runs of the same have the same key and are done once."""
    same = {name: str(value) for name, value in made_of.items() if name != "design_sha256"}
    digests = [point.scenario.digest() for point in design.points]
    name = partial(key_of, made_of=same)
    return tuple(name(digests[run.point.number], run.population, run.replicate) for run in design.runs())


def missing(design: Design, keys: Iterable[str], kept: Kept) -> Iterator[Task]:
    """The runs that are neither done nor failed, each key once."""
    seen = {*kept.values, *kept.failures}
    for run, key in zip(design.runs(), keys, strict=True):
        if key not in seen:
            seen.add(key)
            yield Task(key, ModelRun(run.point.scenario, run.population, run.replicate))
