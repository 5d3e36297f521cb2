"""Questions of all visitors: equal ones are put once, and whoever looks at one sees the same progress.

A question is at work while somebody who wants it is there. Who reloads the page, or comes later with the same question,
joins it; Stop ends it for who pressed it, and for all when nobody else waits.
"""

import logging
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace

from viz.engine import Engine
from viz.questions import Question, Told, ask

LOG = logging.getLogger("lvjin.app")
MOST = 16  # questions at work at once; more wait
MOST_OF_ONE = 2  # questions that one visitor waits for; the oldest is let go
KEPT = 200  # questions whose answer stays in memory
PATIENCE = 1.0  # seconds between two looks of one who listens
PAUSE = 0.4  # seconds between two tellings
SURE = 5.0  # seconds of work after which the time left is told


@dataclass
class Inquiry:
    """One question.

    Attributes:
        question: what is asked.
        told: how far it is.
        asked: whether somebody started it and it was not stopped; it rests when all who wanted it are gone.
        visitors: who wait for it.
        gone: ends the work; None while nobody works on it.
        began: when the present work was first told, and the runs that were there then.
    """

    question: Question
    told: Told = field(default_factory=Told)
    asked: bool = False
    visitors: set[Hashable] = field(default_factory=set)
    gone: threading.Event | None = None
    began: tuple[float, int] | None = None

    @property
    def ready(self) -> bool:
        """Whether it waits for somebody to work on it."""
        return self.asked and bool(self.visitors) and not self.told.over and self.gone is None


class Inquiries:
    """The desk where questions are put.

    Args:
        engine: who runs them.
        most: at work at once.
    """

    def __init__(self, engine: Engine, most: int = MOST) -> None:
        self._engine = engine
        self._inquiries: OrderedDict[Hashable, Inquiry] = OrderedDict()
        self._changed = threading.Condition()
        self._closed = False
        for place in range(most):
            threading.Thread(target=self._work, name=f"question-{place}", daemon=True).start()

    def close(self) -> None:
        """Stop all work for good."""
        with self._changed:
            self._closed = True
            for one in self._inquiries.values():
                self._rest(one)
            self._changed.notify_all()

    def start(self, question: Question, visitor: Hashable) -> None:
        """Put a question, or go on with it."""
        with self._changed:
            inquiry = self._inquiries.setdefault(question.key, Inquiry(question))
            self._inquiries.move_to_end(question.key)
            if inquiry.told.trouble:
                inquiry.told = replace(inquiry.told, trouble="", over=False)
            inquiry.asked = True
            inquiry.visitors.add(visitor)
            own = [one for one in self._inquiries.values() if visitor in one.visitors and not one.told.over]
            for one in own[:-MOST_OF_ONE]:
                self._let_go(one, visitor)
            self._forget()
            self._changed.notify_all()

    def join(self, question: Question, visitor: Hashable) -> None:
        """Wait for a question, too, if somebody has put it."""
        with self._changed:
            inquiry = self._inquiries.get(question.key)
            if inquiry is not None and inquiry.asked:
                inquiry.visitors.add(visitor)
                self._changed.notify_all()

    def stop(self, question: Question, visitor: Hashable) -> None:
        """Wait no more; the question stops with the last who waits."""
        with self._changed:
            inquiry = self._inquiries.get(question.key)
            if inquiry is not None:
                self._let_go(inquiry, visitor)
                inquiry.asked = bool(inquiry.visitors)
                self._changed.notify_all()

    def leave(self, visitor: Hashable) -> None:
        """A visitor is gone; what nobody else waits for rests until somebody comes again."""
        with self._changed:
            for one in self._inquiries.values():
                self._let_go(one, visitor)
            self._changed.notify_all()

    def look(self, question: Question, visitor: Hashable) -> tuple[Told, bool]:
        """How far a question is, and whether this visitor waits for it."""
        with self._changed:
            return self._look(question, visitor)

    def listen(
        self, question: Question, visitor: Hashable, gone: threading.Event, tell: Callable[[Told, bool], None]
    ) -> None:
        """Tell how far a question is whenever that changes, until `gone` is set."""
        before: tuple[object, ...] = ()
        while not gone.is_set():
            with self._changed:
                found = self._look(question, visitor)
                if news(*found) == before:
                    self._changed.wait(PATIENCE)
                    found = self._look(question, visitor)
                if self._closed:
                    return
            if news(*found) != before and not gone.is_set():
                before = news(*found)
                tell(*found)
                gone.wait(PAUSE)

    def _look(self, question: Question, visitor: Hashable) -> tuple[Told, bool]:
        inquiry = self._inquiries.get(question.key)
        if inquiry is None:
            return Told(), False
        waits = visitor in inquiry.visitors and inquiry.asked
        return replace(inquiry.told, waiting=inquiry.ready), waits

    def _let_go(self, inquiry: Inquiry, visitor: Hashable) -> None:
        inquiry.visitors.discard(visitor)
        if not inquiry.visitors:
            self._rest(inquiry)

    def _rest(self, inquiry: Inquiry) -> None:
        if inquiry.gone is not None:
            inquiry.gone.set()
        inquiry.told = replace(inquiry.told, left=None)

    def _forget(self) -> None:
        unwanted = [key for key, one in self._inquiries.items() if not one.visitors and one.gone is None]
        for key in unwanted[: max(0, len(self._inquiries) - KEPT)]:
            del self._inquiries[key]

    def _work(self) -> None:
        while (task := self._next()) is not None:
            inquiry, gone = task

            def tell(told: Told, inquiry: Inquiry = inquiry, gone: threading.Event = gone) -> None:
                self._tell(inquiry, gone, told)

            try:
                ask(self._engine, inquiry.question, gone, tell)
            except Exception:
                reference = uuid.uuid4().hex[:8]
                LOG.exception("a question failed, reference %s", reference)
                tell(replace(inquiry.told, over=True, trouble=reference))
            with self._changed:
                inquiry.gone = None
                self._changed.notify_all()

    def _next(self) -> tuple[Inquiry, threading.Event] | None:
        """A question to work on; waits for one; None when closed."""
        with self._changed:
            while not self._closed:
                inquiry = next((one for one in self._inquiries.values() if one.ready), None)
                if inquiry is not None:
                    inquiry.gone, inquiry.began = threading.Event(), None
                    return inquiry, inquiry.gone
                self._changed.wait()
            return None

    def _tell(self, inquiry: Inquiry, gone: threading.Event, told: Told) -> None:
        with self._changed:
            if gone.is_set():
                return
            now = time.monotonic()
            inquiry.began = inquiry.began or (now, told.done)
            began, before = inquiry.began
            inquiry.told = replace(told, left=left(now - began, before, told, inquiry.question.size))
            if told.trouble:
                inquiry.asked = False
            self._changed.notify_all()


def news(told: Told, asked: bool) -> tuple[object, ...]:
    """What is different whenever there is something to tell; answers come with runs and are not compared."""
    return told.done, told.stage, told.over, told.waiting, told.trouble, told.left, asked


def left(seconds: float, before: int, told: Told, size: int) -> float | None:
    """Seconds that a question will still take at its present pace; None where that is not known yet.

    Args:
        seconds: of work.
        before: runs that were there when it began.
        told: how far it is.
        size: runs in all.
    """
    if told.over or seconds < SURE or told.done <= before:
        return None
    return seconds / (told.done - before) * (size - told.done)
