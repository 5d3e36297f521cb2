"""Noting what happens to firms, for the one replicate whose micro data are asked for; others have no room for notes."""

from agents._compiled import part
from agents.codes import NO_PROJECT
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
        event.partner = -1
        log.n_events[0] = place + 1


@part
def note_partner(i: int, partner: int, kind: int, programme: int, detail: int, amount: int, log: Log) -> None:
    """Write one event of a firm and its partner on a link, told of the firm."""
    place = log.n_events[0]
    note(i, kind, NO_PROJECT, programme, detail, amount, log)
    if place < log.events.size:
        log.events[place].partner = partner
