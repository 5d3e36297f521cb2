"""Ask the questions one after the other, so that what was interrupted goes on and only what changed is asked again."""

import datetime
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.answers.questions import FOLDER, QUESTIONS, Question
from sim.results.provenance import CODE, DATA, ROOT, SETTINGS, digest

RECORD = "answers.json"
ANALYSIS = (*(("experiments", pattern) for pattern in ("*.py", "[!a]*/*.py")),)  # all but experiments/answers/

Record = dict[str, Any]


def ask_all(names: Sequence[str] = (), folder: Path = FOLDER) -> None:
    """Ask the questions, or some by name, that have no answer of this code and these settings yet."""
    folder.mkdir(parents=True, exist_ok=True)
    for question in [one for one in QUESTIONS if not names or one.name in names]:
        known = read_record(folder).get(question.name, {})
        runs_of, told_by = ingredients(question), digest(ANALYSIS)
        if known.get("made_of") != runs_of:
            shutil.rmtree(folder / question.name, ignore_errors=True)
            known = {}
        if known.get("answered") != told_by:
            ask(question, {**known, "made_of": runs_of}, told_by, folder)


def ask(question: Question, known: Record, told_by: str, folder: Path) -> None:
    """Ask one question in its folder and keep a record of it, of its time also where it was interrupted.

    Raises:
        subprocess.CalledProcessError: the command did not come to its end.
    """
    started, before = time.monotonic(), float(known.get("seconds", 0.0))
    answer: Record = {
        **known,
        "answered": "",
        "command": question.command,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "load": round(os.getloadavg()[0], 1),
        "code": digest(CODE),
        "posterior": question.posterior,
        "drawn": question.drawn,
    }
    keep_record(folder, question.name, answer)  # from here on what lies in the folder is known
    try:
        told = said(question, folder)
        answer |= {"answered": told_by, "runs": runs_in(folder / question.name)}
        if not question.own:
            (folder / f"{question.name}.txt").write_text(told, encoding="utf-8")
    finally:
        keep_record(folder, question.name, {**answer, "seconds": round(before + time.monotonic() - started, 1)})


def said(question: Question, folder: Path) -> str:
    """Run the command; return what it prints, where that is its answer."""
    out = folder / question.name
    near = out.relative_to(ROOT) if out.is_relative_to(ROOT) else out  # no folder of one machine stands in what is kept
    place = ("--out", str(near)) if question.own else ()
    command = [sys.executable, "-m", "experiments.cli", *question.words, *place]
    done = subprocess.run(command, cwd=ROOT, check=True, text=True, stdout=None if question.own else subprocess.PIPE)
    return "" if question.own else done.stdout


def ingredients(question: Question) -> str:
    """SHA-256 of all that the runs of a question follow from: another one means that its folder is begun anew."""
    files = [ROOT / word for word in question.words if word.startswith("configs/")]
    content = [question.command, digest(CODE), digest(SETTINGS), digest(DATA), question.posterior]
    content += [path.read_text(encoding="utf-8") for path in files]
    content += [ingredients(one) for one in QUESTIONS if one.own and one is not question and _reads(question, one)]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _reads(question: Question, other: Question) -> bool:
    return f"results/answers/{other.name}" in question.words


def runs_in(folder: Path) -> int:
    """How many runs of the model an answer has made."""
    shards = sum(1 for _ in folder.rglob("shards/*"))
    path = folder / "run.json"
    scenarios = json.loads(path.read_bytes())["scenarios"] if path.exists() else []
    return shards + sum(int(one["replicates"]) for one in scenarios)


def read_record(folder: Path = FOLDER) -> dict[str, Record]:
    """What is known of the answers."""
    path = folder / RECORD
    return dict(json.loads(path.read_bytes())) if path.exists() else {}


def keep_record(folder: Path, name: str, answer: Mapping[str, Any]) -> None:
    """Put what is known of one answer beside the others."""
    record = {**read_record(folder), name: dict(answer)}
    (folder / RECORD).write_text(json.dumps(record, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
