"""`lvjin sweep`: a design of experiments run to its end, or as far as it gets; the same command goes on."""

import os
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from experiments.commands_run import FAILED_RUNS
from experiments.progress import COMPILING, Reporter, reporter, written
from sim.configuration.problems import Problem, refuse_if

if TYPE_CHECKING:
    from experiments.sweeps.sweep import Sweep

MOST_TOLD = 10  # failed runs that are told one by one
BROKEN = 5


@dataclass(frozen=True)
class SweepOrder:
    """What the user asked for."""

    design: Path
    out: Path
    workers: int | None = None
    cluster: str | None = None
    status: bool = False
    retry: bool = False
    seed: int | None = None
    quiet: bool = False
    verbose: bool = False
    command: Sequence[str] = ()


def sweep_design(order: SweepOrder) -> int:
    """Run, write and tell; return the exit code.

    Raises:
        ConfigError: everything that is wrong with the design, or how the folder's sweep differs from it.
        OSError: the folder cannot be written, or another sweep is at work in it.
    """
    from experiments.designs.design import load_design

    if order.status:
        return tell_status(order)
    if order.cluster and order.workers:
        refuse_if([Problem("--workers", None, "", str(order.workers), "no --workers: a cluster has its own")])
    design = load_design(order.design, seed=order.seed)
    with reporter(order.quiet) as tell:
        warm_up_with(tell)
        try:
            sweep = swept(design, order, tell)
        except (KeyboardInterrupt, SystemExit):
            tell.say(f"已中断，完成的运行已保存。Interrupted; finished runs are kept. 继续 To go on: {again(order)}")
            raise
    return told(sweep, order)


def warm_up_with(tell: Reporter) -> None:
    """Compile the model before processes need it, if it is not compiled yet."""
    from sim.warmup import is_warm, warm_up

    if not is_warm():
        count = tell.counter(COMPILING)
        warm_up(lambda done, in_all, name: count(done, in_all))


def swept(design: Any, order: SweepOrder, tell: Reporter) -> "Sweep":
    """The sweep of a design with processes of this machine or a cluster."""
    from experiments.sweeps.sweep import run_sweep
    from sim.results.replicating import processors

    count = tell.counter("运行 runs")
    workers = order.workers or processors()
    if order.cluster is None:
        return run_sweep(design, order.out, workers=workers, count=count, retry=order.retry)
    from experiments.sweeps.cluster import cluster_outcomes

    outcomes = cluster_outcomes(order.cluster, design.file.seconds)
    return run_sweep(design, order.out, outcomes, count=count, retry=order.retry)


def told(sweep: "Sweep", order: SweepOrder) -> int:
    """Say what came out; return the exit code."""
    failures = sweep.failures
    done = len(sweep.keys) - len(failures)
    if not order.quiet:
        file, notice = sweep.design.file, sweep.design.points[0].scenario.notice
        typer.echo(f"{file.name_zh} {file.name_en}: {file.question_zh} {file.question_en}")
        if notice:
            typer.echo(notice)
        typer.echo(
            f"{len(sweep.design.points)} 个设计点 points × {file.replicates} 次 replicates: {done} 次完成 done, "
            f"{len(failures)} 次失败 failed; {sweep.simulated} 次为本次新算 simulated now."
        )
        if sweep.rejected:
            typer.echo(f"{sweep.rejected} 个损坏的分片已重算 spoilt shards were done again.")
        typer.echo(f"结果 Results: {order.out / 'runs.csv'}, {order.out / 'years.csv'}")
    for number, kind, message in failures[:MOST_TOLD]:
        typer.echo(f"运行 run {number} 失败 failed ({kind}): {message}", err=True)
    if len(failures) > MOST_TOLD:
        typer.echo(f"… 共 in all {len(failures)}; runs.csv lists them.", err=True)
    if failures:
        typer.echo(f"重试失败的运行 To try them again: {again(order)} --retry", err=True)
    if sweep.broken:
        return BROKEN
    return FAILED_RUNS if failures else 0


def tell_status(order: SweepOrder) -> int:
    """Say how far the sweep in a folder is, without touching it."""
    from experiments.sweeps.manifest import read_manifest
    from experiments.sweeps.store import BusyError, Store, locked

    record = read_manifest(order.out)
    if record is None:
        refuse_if([Problem("--out", None, "", f"no sweep in {order.out}", "the folder of a sweep that was begun")])
        return 2
    store = Store(order.out)
    present, runs, failed = len(store.keys()), int(record["runs"]), store.count_failed()
    state = "未在运行 not running"
    try:
        with locked(order.out) if os.access(order.out, os.W_OK) else nullcontext():
            pass
    except BusyError as error:
        state = f"运行中 running ({error.strerror or error})"
    complete = (order.out / "years.csv").exists()
    typer.echo(f"{record['name_zh']} {record['name_en']}: {record['question_zh']} {record['question_en']}")
    typer.echo(
        f"{present} / {runs} 次运行已完成 runs done, 其中失败 of which failed {failed}; {state}; "
        f"表 tables: {'有 yes' if complete else '无 no'}"
    )
    seconds = store.seconds_each()
    if seconds and present < runs:
        typer.echo(f"按目前速度还需 At this pace it still needs {written((runs - present) * seconds)}.")
    return 0


def again(order: SweepOrder) -> str:
    """The command that goes on."""
    words = ["lvjin", "sweep", str(order.design), "--out", str(order.out)]
    words += ["--seed", str(order.seed)] if order.seed is not None else []
    words += ["--cluster", order.cluster] if order.cluster else []
    return " ".join(words)
