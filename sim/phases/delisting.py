"""How a certificate ends: taken away, not renewed, or gone with the firm."""

from agents import codes
from agents._compiled import part
from agents._rows import Rows
from agents.certification import without_step
from sim.phases.granting import thousandths
from sim.phases.noting import note
from sim.phases.option_sets import add_options
from sim.state import State


@part
def drop(i: int, step: int, move: int, firm: Rows, state: State) -> None:
    """Take a certificate from a firm and enter why."""
    standing = state.standing[i]
    standing.certificates = without_step(standing.certificates, step)
    standing.unfounded = without_step(standing.unfounded, step)
    state.register[move, step] += thousandths(firm)
    note(i, codes.DELISTED, codes.NO_PROJECT, 0, step, 0, state.log)


@part
def lapse(i: int, firm: Rows, state: State) -> None:
    """Let all certificates of a firm that closes expire."""
    standing = state.standing[i]
    add_options(standing.certificates, thousandths(firm), state.register[codes.EXPIRED])
    standing.certificates, standing.pending, standing.unfounded = 0, 0, 0
    standing.requests, standing.barred, standing.offence = 0, 0, 0
