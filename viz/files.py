"""Settings and results as files: a scenario that `lvjin run` accepts, the bundle, a table for spreadsheets, and back.

A file that a visitor brings is read by the reader of `lvjin check`; its name is never used as a path.
"""

import io
import subprocess
import sys
import tempfile
import threading
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import yaml

from experiments.captions import scenario_title
from experiments.languages import speaker
from sim.configuration.declarations import Steps, held_at
from sim.configuration.parameters import load_declarations
from sim.configuration.periods import PLAN_START
from sim.configuration.problems import ConfigError
from sim.configuration.scenario_files import scenario_names
from sim.ensemble import Ensemble
from sim.scenario import Scenario
from viz.view import View, bounds, scenario_of

LARGEST = 100_000  # signs of a file that a visitor brings
BROUGHT = "settings.yaml"  # how such a file is called here
DRAWING, DRAWING_SECONDS = threading.Semaphore(1), 300  # one after the other, each with a limit
OWN = "my_setting"  # how a visitor's setting is called in a bundle


class RefusedError(ValueError):
    """A file that cannot be used, with the reason in both languages."""


def scenario_text(view: View) -> str:
    """The setting as a scenario file: `lvjin run FILE` then says what the page says."""
    scenario = scenario_of(view.scenario, view.changes, view.until, firms=1)
    names = {language: scenario_title(view.scenario, speaker(language)) for language in ("zh", "en")}
    adjusted = bool(view.changes)
    content = {
        "name_zh": f"{names['zh']}（已调整）" if adjusted else names["zh"],
        "name_en": f"{names['en']}, adjusted" if adjusted else names["en"],
        "sentence_zh": f"由应用保存的设置，以“{names['zh']}”为基础。",
        "sentence_en": f"A setting saved by the application, based on the scenario {view.scenario}.",
        "changes": {key: _written(steps) for key, steps in scenario.steps.items()},
    }
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False)


def _written(steps: Steps) -> float | dict[date, float]:
    return steps[0][1] if len(steps) == 1 and steps[0][0] == PLAN_START else dict(steps)


def read_setting(text: str, view: View) -> View:
    """The view with the setting of a file that a visitor brought.

    Raises:
        RefusedError: it is too large, no scenario file, or sets more than policies.
    """
    if len(text) > LARGEST:
        raise RefusedError("文件过大。The file is too large.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / BROUGHT
        path.write_text(text, encoding="utf-8", errors="replace")
        try:
            scenario = Scenario.load(str(path), firms=1)
        except ConfigError as error:
            problems = "; ".join(problem.sentence().replace(str(path), BROUGHT) for problem in error.problems[:3])
            raise RefusedError(f"文件无法使用。The file cannot be used: {problems}") from None
    others = sorted(set(scenario.steps) - set(bounds()))
    if others:
        raise RefusedError(f"此处只能设置政策。Only policies can be set here, not {', '.join(others[:3])}.")
    return nearest(scenario, view)


def nearest(scenario: Scenario, view: View) -> View:
    """The view that describes a scenario with the fewest levers moved away from a preset."""
    views = [found for name in scenario_names() if (found := away_from(name, scenario, view)) is not None]
    return min(views, key=lambda found: (len(found.changes), found.scenario != "baseline"))


def away_from(name: str, scenario: Scenario, view: View) -> View | None:
    """The view that moves levers of a preset to where a scenario has them; None where it cannot."""
    preset = Scenario.load(name, firms=1)
    found = replace(view, scenario=name, changes=())
    for key in sorted({*preset.steps, *scenario.steps}):
        steps = scenario.steps.get(key, ())
        if steps == preset.steps.get(key, ()):
            continue
        declared = load_declarations()[key].path()
        for day, value in (
            steps if steps and steps[0][0] == PLAN_START else ((PLAN_START, held_at(declared, PLAN_START)), *steps)
        ):
            found = found.moved(key if day == PLAN_START else f"{key}@{day}", value)
    again = scenario_of(name, found.changes, view.until, firms=1)
    return found if again.steps == scenario.steps else None


def command(view: View, firms: int, replicates: int, seed: int) -> str:
    """What to type for the same numbers."""
    words = ["lvjin run", view.scenario]
    if view.until != View().until:
        words.append(f"--until {view.until}")
    usual = {"firms": (firms, 5000), "replicates": (replicates, 100), "seed": (seed, 1)}
    words += [f"--{name} {value}" for name, (value, plain) in usual.items() if value != plain]
    words += [f"--set {key}={value:.12g}" for key, value in view.changes]
    return " ".join(words)


def named(ensemble: Ensemble, name: str) -> Ensemble:
    """An ensemble of one scenario under another name."""
    part = ensemble.part()
    return Ensemble((replace(part, scenario=replace(part.scenario, name=name)),), ensemble.seconds)


def spreadsheet(ensemble: Ensemble) -> bytes:
    """The summary as a CSV that spreadsheets open: with a byte order mark, and names that are no formula."""
    return b"\xef\xbb\xbf" + ensemble.summary.to_csv(index=False, lineterminator="\r\n").encode("utf-8")


def figures(ensemble: Ensemble, said: str, language: str) -> bytes:
    """All figures of `lvjin run` in one language, PNG and SVG, as a zip; drawn in a process of its own.

    Raises:
        subprocess.SubprocessError: it failed, or took longer than it may.
    """
    with DRAWING, tempfile.TemporaryDirectory() as place:
        folder, packed = ensemble.save(Path(place) / "lvjin", said.split()), Path(place) / "figures.zip"
        command = [sys.executable, "-m", "viz.drawing", str(folder), str(packed), language]
        subprocess.run(command, cwd=Path(__file__).resolve().parent.parent, check=True, timeout=DRAWING_SECONDS)
        return packed.read_bytes()


def bundle(ensemble: Ensemble, said: str) -> bytes:
    """The bundle of `lvjin run`, less figures, as a zip.

    Args:
        ensemble: what is packed.
        said: the command that gives the same numbers, for run.json.
    """
    packed = io.BytesIO()
    with tempfile.TemporaryDirectory() as place:
        folder = ensemble.save(Path(place) / "lvjin", said.split())
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=5) as archive:
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                archive.write(path, str(path.relative_to(folder.parent)))
    return packed.getvalue()
