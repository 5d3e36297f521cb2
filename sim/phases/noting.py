"""Noting what happens to firms, for the one replicate whose micro data are asked for; others have no room for notes."""

from agents._compiled import part
from sim.state import Log


@part
def note(i: int, kind: int, subject: int, programme: int, detail: int, amount: int, log: Log) -> None:
    """Write one event of one firm, if there is room; a full log is found out by whoever reads it."""
    place = log.n_events[0]
    if place < log.events.size:
        event = log.events[place]
        event.row = i
        event.kind = kind
        event.subject = subject
        event.programme = programme
        event.detail = detail
        event.amount = amount
        log.n_events[0] = place + 1
