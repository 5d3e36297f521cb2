"""`lvjin calibrate`: a posterior from facts up to 2021; what is interrupted goes on with the same command."""

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from experiments.commands_run import RESULTS
from experiments.languages import both
from experiments.progress import Reporter, reporter
from experiments.summary import Section, print_sections
from sim.configuration.declarations import root_folder
from sim.configuration.problems import Problem, refuse_if
from sim.results.atomic import Folder
from sim.results.replicating import processors

if TYPE_CHECKING:
    from experiments.calibrating.calibration import Calibration

NEEDED = ("emcee", "pyabc", "sklearn")
RUNS = "runs"  # folder of the runs that are kept


@dataclass(frozen=True)
class CalibrationOrder:
    """What the user asked for."""

    quick: bool = False
    install: bool = False
    out: Path | None = None
    settings: Path | None = None
    seed: int | None = None
    workers: int | None = None
    quiet: bool = False
    command: Sequence[str] = ()


def calibrate(order: CalibrationOrder) -> int:
    """Calibrate, write what came out, and tell; return the exit code.

    Raises:
        ConfigError: the settings or the targets are wrong, a library is missing, or the facts reject the model.
        OSError: the folder cannot be written, or another process is at work in it.
    """
    refuse_if(_problems(order))
    folder = order.out or Path(RESULTS) / ("calibration-quick" if order.quick else "calibration")
    folder.mkdir(parents=True, exist_ok=True)
    with reporter(order.quiet) as tell:
        try:
            found = calibrated_in(folder, order, tell)
        except (KeyboardInterrupt, SystemExit):
            tell.say(f"已中断，完成的运行已保存。Interrupted; the same command goes on: {' '.join(order.command)}")
            raise
        told = write_all(folder, found, order)
    if not order.quiet:
        print_sections(sections(told))
        typer.echo(f"\n结果 Results: {folder}/")
        if order.install:
            typer.echo("已装为默认后验 Installed as the posterior that runs draw from: configs/posterior.csv")
    return 0


def calibrated_in(folder: Path, order: CalibrationOrder, tell: Reporter) -> "Calibration":
    """Calibrate with all runs kept in a folder; linear algebra on one thread, so that a seed gives the same bits."""
    from threadpoolctl import threadpool_limits

    from experiments.calibrating.calibration import calibrated
    from experiments.calibrating.settings import load_settings
    from experiments.calibrating.simulator import Simulator
    from experiments.commands_sweep import warm_up_with
    from experiments.sweeps.store import locked

    settings = load_settings(order.settings)
    if order.seed is not None:
        settings = settings.model_copy(update={"seed": order.seed})
    effort = settings.quick if order.quick else settings.full
    warm_up_with(tell)
    with locked(folder), threadpool_limits(1):
        return calibrated(Simulator(settings, effort, folder / RUNS, order.workers or processors()), tell)


def write_all(folder: Path, found: "Calibration", order: CalibrationOrder) -> dict[str, Any]:
    """Write posterior, record, pages and figures; put them into the project where asked."""
    from experiments.calibrating.page import page_files
    from experiments.calibrating.record import RECORD, TABLE, posterior_bytes, record
    from sim.results.bundle import json_bytes

    day = datetime.now(UTC).date().isoformat()
    told = record(found, order.command, day, order.quick)
    files = {TABLE: posterior_bytes(found), RECORD: json_bytes(told)}
    pages = dict(page_files(told))
    write_files(folder, files | pages)
    if order.install:
        refuse_if(_nothing_to_install(found))
        write_files(root_folder(), files)
        write_files(root_folder().parent / "docs", pages)
    return told


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    """Write files into a folder, complete or not at all."""
    with Folder(folder) as into:
        for name, content in files.items():
            into.write(name, content)
        into.publish()


def sections(told: dict[str, Any]) -> list[Section]:
    """What the screen says: the parameters, and the facts that are missed."""
    rows = [
        [
            both(one["name_zh"], one["name_en"]),
            *(" ".join(f"{value:.4g}" for value in one[name]) for name in ("prior", "posterior", "second")),
            f"{one['contraction']:.2f}",
            "" if one["identified"] else "数据不能识别，保留先验 not identified, keeps its prior",
        ]
        for one in told["parameters"]
    ]
    header = [
        "参数 parameter",
        "先验 prior 5 50 95 %",
        "后验 posterior",
        "第二法 second method",
        "收缩 contraction",
        "",
    ]
    met = sum(one["met"] for one in told["targets"])
    missed = [
        [
            both(one["name_zh"], one["name_en"]),
            one["role"],
            f"{one['fact']:g} ± {one['tolerance']:g} {one['unit']}",
            " ".join(f"{value:.4g}" for value in one["posterior"]),
            both(one["reason_zh"], one["reason_en"]),
        ]
        for one in told["targets"]
        if not one["met"]
    ]
    title = both(
        f"2021年的{len(told['targets'])}项事实中{met}项在容差内；未达到的：",
        f"{met} of {len(told['targets'])} facts are met within tolerance; missed:",
    )
    return [
        Section(both("自由参数", "Free parameters"), header, rows, []),
        Section(
            title,
            ["事实 fact", "角色 role", "公布 published", "后验模拟 simulated 5 50 95 %", "原因 reason"],
            missed,
            [],
        ),
    ]


def _problems(order: CalibrationOrder) -> list[Problem]:
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    hint = "Install them: pip install 'lvjin[calibration]', or make setup-test."
    found = [Problem("calibrate", None, "", f"no {name}", "the libraries of calibration", hint) for name in missing]
    if order.install and order.quick:
        found.append(Problem("--install", None, "", "--quick", "a full calibration: the draws become the default"))
    return found


def _nothing_to_install(found: "Calibration") -> list[Problem]:
    if found.identified:
        return []
    return [Problem("--install", None, "", "no identified parameter", "one that the facts tell something about")]
