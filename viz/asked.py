"""Hooks of pages that ask for more than the run of a setting: single replicates with firms, questions of many runs."""

import threading
from collections.abc import Callable
from typing import Any

import solara

from sim.scenario import Scenario
from viz.engine import Kind
from viz.follow import Snapshot, follow
from viz.questions import Question, Told, ask
from viz.service import SERVICE


def use_replicates(found: tuple[Scenario, ...], kind: Kind) -> tuple[list[Any], Snapshot]:
    """The first replicate of each scenario as its kind keeps it, None where it is not there yet; and how it goes."""
    snapshot, set_snapshot = solara.use_state(Snapshot())

    def watch() -> Callable[[], None]:
        gone = threading.Event()
        arguments = (SERVICE.engine, found, gone, set_snapshot, kind, 1)
        threading.Thread(target=follow, args=arguments, name="follow-one", daemon=True).start()
        return gone.set

    solara.use_effect(watch, [tuple(one.digest() for one in found)])
    there = {run.digest: run.replicates[0] for run in snapshot.runs if run.replicates}
    return [there.get(one.digest()) for one in found], snapshot


def use_question(question: Question | None, key: object, asked: bool) -> Told:
    """How far a question is; it is at work only while it is asked and this page looks."""
    told, set_told = solara.use_state((None, Told()))

    def watch() -> Callable[[], None] | None:
        if question is None or not asked:
            return None
        gone = threading.Event()
        arguments = (SERVICE.engine, question, gone, lambda news: set_told((key, news)))
        threading.Thread(target=ask, args=arguments, name="question", daemon=True).start()
        return gone.set

    solara.use_effect(watch, [key, asked])
    of, news = told
    return news if of == key else Told()
