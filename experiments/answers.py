"""The answers of docs/experiments.md: every command asked a real question, and its tables and figures put on the page.

`make answers` does both; what is done already in results/answers/ is not done again. Some questions alone:
`python -m experiments.answers run compare`; the page alone: `python -m experiments.answers --page`.
"""

import datetime
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import NamedTuple

from experiments.answers_page import page
from experiments.marked import replaced
from sim.configuration.posterior import posterior_digest
from sim.results.provenance import CODE, ROOT, digest

FOLDER = ROOT / "results" / "answers"
PAGE = ROOT / "docs" / "experiments.md"
FIGURES = ROOT / "docs" / "figures"
RECORD = "answers.json"
BEGIN, END = "<!-- answers: begin, written by `make answers` -->", "<!-- answers: end -->"


class Question(NamedTuple):
    """A command, its folder, and the figures of its answer that the page shows."""

    name: str
    words: tuple[str, ...]
    figures: tuple[str, ...] = ()
    drawn: bool = True  # whether its replicates draw parameters, from the posterior if there is one

    @property
    def posterior(self) -> str:
        """SHA-256 of the posterior that its replicates are drawn from; empty without one."""
        return posterior_digest(ROOT / "configs") if self.drawn else ""


def design(name: str) -> str:
    """The path of an example, as one types it."""
    return f"configs/designs/{name}.yaml"


QUESTIONS = (
    Question(
        "sensitivity",
        ("sensitivity", design("assumptions_screening"), "--size", "8", "--top", "2"),
        ("sensitivity",),
        drawn=False,  # central parameters, but for the factors
    ),
    Question("run", ("run", "baseline", "plan", "--replicates", "100")),
    Question("compare", ("compare", "baseline", "plan", "--replicates", "40"), ("revenue_difference",)),
    Question("mechanisms", ("sweep", design("mechanisms_off"))),
    Question("attribute", ("attribute", "plan", "--by", "chapter", "--replicates", "4"), ("shares",)),
    Question(
        "search",
        (
            *("search", design("plan_strengths"), "--chance", "0.5", "--size", "8", "--generations", "2"),
            *("--fresh", "20", "--finalists", "3"),
        ),
        ("front",),
    ),
    Question("strengths", ("sweep", design("plan_strengths"))),
    Question("discover", ("discover", "results/answers/run", "--at-most", "400"), ("knowing", "box")),
    Question("grid", ("sweep", design("grant_and_carbon_price"))),
)


def ask(question: Question) -> dict[str, object]:
    """Ask one question in its folder; return what the page tells of it.

    Raises:
        subprocess.CalledProcessError: the command did not come to its end.
    """
    started = time.monotonic()
    out = FOLDER / question.name
    command = [sys.executable, "-m", "experiments.cli", *question.words, "--out", str(out)]
    subprocess.run(command, cwd=ROOT, check=True)
    return {
        "command": " ".join(("lvjin", *question.words)),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "seconds": round(time.monotonic() - started, 1),
        "load": round(os.getloadavg()[0], 1),
        "code": digest(CODE),
        "posterior": question.posterior,
        "drawn": question.drawn,
    }


def ask_all(names: Sequence[str] = ()) -> None:
    """Ask the questions, or some by name, whose answers are not there yet from this code; keep a record of each."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / RECORD
    record = json.loads(path.read_bytes()) if path.exists() else {}
    for question in [one for one in QUESTIONS if not names or one.name in names]:
        known = record.get(question.name, {})
        here = (digest(CODE), question.posterior, " ".join(("lvjin", *question.words)))
        if (known.get("code"), known.get("posterior"), known.get("command")) != here:
            if known:  # other code, another posterior or another command: begin anew
                shutil.rmtree(FOLDER / question.name, ignore_errors=True)
            answer = ask(question)
            record = json.loads(path.read_bytes()) if path.exists() else {}  # another process may have added to it
            record[question.name] = answer
            path.write_text(json.dumps(record, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def write_page() -> None:
    """Put the tables on the page and the figures beside it."""
    record = json.loads((FOLDER / RECORD).read_bytes())
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(replaced(text, page(FOLDER, record), BEGIN, END), encoding="utf-8")
    for question in [one for one in QUESTIONS if one.name in record]:
        for name in question.figures:
            for language in ("en", "zh"):
                picture = FOLDER / question.name / "figures" / f"{name}.{language}.png"
                (FIGURES / picture.name).write_bytes(picture.read_bytes())


def main() -> None:
    """Ask and write."""
    words = sys.argv[1:]
    if "--page" not in words:
        ask_all(words)
    if not words or "--page" in words:
        write_page()


if __name__ == "__main__":
    main()
