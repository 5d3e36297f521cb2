"""Whether a bank lends for a project, and at what price: gate 3 of the retrofit decision.

A loan is granted when the borrower's debts stay below a share of its assets and its surplus covers the interest.
Certified and guaranteed borrowers get a higher limit rather than cheaper money (notes_finance).
"""

from typing import NamedTuple

from agents._compiled import rule
from agents._rows import Row, Whole
from agents.mathematics import whole


class Finance(NamedTuple):
    """Numbers of configs/finance.yaml."""

    small_spread: float  # 1/yr over the average corporate rate
    risk_spread: float  # 1/yr at leverage one
    leverage_limit: float  # debts over assets, at most
    interest_cover: float  # yearly surplus over yearly interest, at least
    loan_years: float  # over which a project loan is repaid
    refinance_rate: float  # 1/yr, banks' own cost of money
    equity_ratio: float  # bank equity over loans at the start
    contract_years: float  # length of an energy-performance contract
    contract_rate: float  # 1/yr, return the contractor asks


class Books(Row):
    """Balance sheets of the banks, fen, shape (n_banks,)."""

    loans: Whole
    term_loans: Whole
    green_loans: Whole
    equity: Whole
    write_offs: Whole  # of the quarter


@rule
def loan_rate(base: float, small: bool, leverage: float, discount: float, finance: Finance) -> float:
    """Yearly rate on a new loan."""
    rate = base + finance.risk_spread * leverage - discount
    if small:
        rate = rate + finance.small_spread
    return rate if rate > 0.0 else 0.0


@rule
def leverage(debt: float, assets: float) -> float:
    """Debts over assets; one when there is nothing to set against them."""
    if assets <= 0.0:
        return 1.0
    share = debt / assets
    return share if share < 1.0 else 1.0


@rule
def creditworthy(debt: float, assets: float, surplus: float, rate: float, limit: float, cover: float) -> bool:
    """Whether the debts after the loan are within the limit and the yearly surplus covers their interest."""
    return debt <= limit * assets and carries_interest(debt, surplus, rate, cover)


@rule
def carries_interest(debt: float, surplus: float, rate: float, cover: float) -> bool:
    """Whether the yearly surplus covers the interest on the debts as often as a bank wants."""
    return surplus >= cover * rate * debt


@rule
def repayment(balance: int, years: float) -> int:
    """Fen repaid this quarter: an even part of what is still owed, at least one fen."""
    part = whole(balance / (4.0 * years))
    if part < 1:
        part = 1
    return part if part < balance else balance


@rule
def service_fee(capex: float, annuity: float) -> float:
    """Yearly fee of an energy-performance contract, 万元: the contractor's capex spread over the contract."""
    return capex / annuity
