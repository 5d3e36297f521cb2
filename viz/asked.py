"""Hooks of pages that ask for more than the run of a setting: single replicates with firms, questions of many runs."""

import threading
from collections.abc import Callable
from typing import Any

import solara

from sim.scenario import Scenario
from viz.engine import Kind
from viz.follow import Snapshot, follow
from viz.questions import Question, Told
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


def use_visitor() -> object:
    """Who looks at this page; gone with it."""
    visitor = solara.use_memo(object, [])
    solara.use_effect(lambda: lambda: SERVICE.inquiries.leave(visitor), [])
    return visitor


def use_question(question: Question | None, visitor: object) -> tuple[Told, bool, Callable[[bool], None]]:
    """How far a question is, whether this visitor waits for it, and how to start and stop it.

    A question that somebody has put is joined at once: after a reload, or where another visitor asks the same.
    """
    told, set_told = solara.use_state((None, Told(), False))
    key = None if question is None else question.key

    def watch() -> Callable[[], None] | None:
        if question is None:
            return None
        gone = threading.Event()
        SERVICE.inquiries.join(question, visitor)
        arguments = (question, visitor, gone, lambda news, asked: set_told((key, news, asked)))
        threading.Thread(target=SERVICE.inquiries.listen, args=arguments, name="listen", daemon=True).start()
        return gone.set

    solara.use_effect(watch, [key])

    def put(on: bool) -> None:
        if question is not None:
            (SERVICE.inquiries.start if on else SERVICE.inquiries.stop)(question, visitor)

    of, news, asked = told
    return (news, asked, put) if of == key else (Told(), False, put)
