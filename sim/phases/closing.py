"""Part of phase 10: capacity that counts as outdated is closed, and the district pays for it."""

from agents import codes
from agents._compiled import part
from agents._rows import Rows
from agents.government import PHASE_OUT
from agents.mandates import closed_part, compensation
from agents.mathematics import whole
from sim.phases.accounts import post
from sim.phases.noting import note
from sim.setting import Moment, Setting
from sim.state import Account, State


@part
def close_outdated(i: int, firm: Rows, setting: Setting, moment: Moment, state: State) -> None:
    """Take away the part of a firm's ordinary capacity whose time has come, and the plant that goes with it.

    The coal station stays: its hours are given, not its capacity.
    """
    works, trade = state.works[i], state.trade[i]
    part = closed_part(firm.laggard_first, firm.laggard_last, moment.policy)
    if part <= works.closed_part or setting.markets[firm.sector].dispatched:
        return
    kept = (100.0 - part) / (100.0 - works.closed_part)
    closed = trade.brown_capacity * (1.0 - kept)
    capacity = trade.brown_capacity + trade.green_capacity
    trade.brown_capacity *= kept
    works.closed_part = part
    till, money = state.till, state.till.money[i]
    if capacity > 0.0:
        money.capital -= whole(money.capital * (closed / capacity))
    paid = whole(compensation(closed, moment.policy) * codes.FEN)
    post(codes.GRANT, paid, Account(money, till.ledger[i], till.accounts))
    till.purses[PHASE_OUT].spent += paid
    note(i, codes.SUPPORTED, codes.NO_PROJECT, PHASE_OUT, 0, paid, state.log)
