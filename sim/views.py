"""One firm as a user meets it: a row of the district read by name, in the units of the docs; nothing can be written.

A view holds no numbers. It reads the memory that the compiled quarter writes, so it is always up to date, and what
nobody asks for costs nothing. Flows are those of the last quarter; money is in 万元.
"""

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from agents import codes
from agents.mathematics import whole
from agents.retrofit import has
from agents.symbiosis import NO_LINK
from sim.configuration.tables import load_table
from sim.phases.link_places import customers_of, suppliers_of
from sim.phases.production import made_by
from sim.results.microdata import SIZE_NAMES
from sim.results.sums import CARRIERS, CO2, SOLD

if TYPE_CHECKING:
    from sim.model import Jiangjin

KG = 1e3  # in a tonne
GRAMS = 1e6  # in a tonne
LITRES = 1e3  # in a cubic metre


@cache
def names(table: str, column: str) -> tuple[str, ...]:
    """A column of a table of configs/tables/ as words, in the order of its rows."""
    return tuple(map(str, load_table(table)[column]))


def option_names(options: int) -> tuple[str, ...]:
    """The options of a set by their codes, `("T01", "T22")`."""
    return tuple(name for k, name in enumerate(names("options", "option")) if has(options, k))


def trait(column: str, meaning: str) -> Any:
    """A number of the population, which never changes."""
    return property(lambda firm: firm.model.world.firms[column].item(firm.row), doc=meaning)


def word(column: str, meaning: str) -> Any:
    """A code of the population as the word that its table has for it; -1 has none."""

    def read(firm: Any) -> str:
        code = firm.model.world.firms[column].item(firm.row)
        return names(f"{column}s", column)[code] if code >= 0 else ""

    return property(read, doc=meaning)


def now(rows: str, column: str, meaning: str) -> Any:
    """A column of the state."""
    return property(lambda firm: getattr(firm.model.state, rows)[column].item(firm.row), doc=meaning)


def balance(column: str, meaning: str) -> Any:
    """A column of the balance sheet, 万元."""
    return property(lambda firm: firm.model.state.till.money[column].item(firm.row) / codes.FEN, doc=meaning)


def amount(firm: Any, quantity: int) -> int:
    """A quantity of the last quarter, whole units."""
    state = firm.model.state
    if quantity < codes.N_KEPT:
        return int(state.quantities.item(firm.row, quantity))
    made = made_by(firm.model.world.firms[firm.row], state.trade[firm.row], firm.model.factors)
    return whole(made[quantity - codes.N_KEPT])


def flow(per_unit: float, quantities: tuple[int, ...], meaning: str) -> Any:
    """A sum of quantities of the last quarter, in units of `per_unit`."""

    def read(firm: Any) -> float:
        return sum(amount(firm, quantity) for quantity in quantities) / per_unit

    return property(read, doc=meaning)


def calorific(quantities: tuple[int, ...], meaning: str) -> Any:
    """A sum of kinds of energy of the last quarter, tce."""

    def read(firm: Any) -> float:
        return sum(amount(firm, quantity) for quantity in quantities) / firm.model.factors.energy_content

    return property(read, doc=meaning)


def options(column: str, meaning: str) -> Any:
    """A set of options as their codes in options.csv."""
    return property(lambda firm: option_names(firm.model.state.agenda[column].item(firm.row)), doc=meaning)


class Decision(NamedTuple):
    """What a firm did about retrofits in a quarter, and the one thing that bound it; money in 万元."""

    quarter: str  # `2023Q2`
    option: str  # what it applied for, as in options.csv; empty for nothing
    started: bool
    reason: str  # what bound it, a word of codes.REASON_NAMES; `none` for nothing
    capex: float
    grant: float  # allowed; paid if the project started
    saving: float  # a year

    def __str__(self) -> str:
        bound = "nothing in the way" if self.reason == "none" else f"bound by {self.reason}"
        if not self.option:
            return f"{self.quarter}: no application, {bound}"
        money = f"capex {self.capex:,.1f} 万元, grant {self.grant:,.1f}, saving {self.saving:,.1f} a year"
        return f"{self.quarter}: {self.option} {'started' if self.started else 'not started'}, {bound}; {money}"


class FirmView:
    """What can be read of a firm. A row of small firms stands for `weight` real ones and shows their total."""

    model: "Jiangjin"
    row: int  # place in the arrays of model.world and model.state

    # Who it is
    firm = trait("firm", "Number of the firm, the same in every run of its population and in firms.csv.")
    sector = word("sector", "Sector, a word of sectors.csv.")
    park = word("park", "Park, a word of parks.csv; `elsewhere` outside the four.")
    product = word("product", "The green product that it makes or could turn to, a word of products.csv, or empty.")
    weight = trait("weight", "Real firms behind the row.")
    east = trait("east", "Place, km east.")
    north = trait("north", "Place, km north.")
    age_2020 = trait("age", "Age at the end of 2020, yr.")
    above_scale = trait("above_scale", "Whether its revenue is 20 million yuan a year or more.")
    entrant = trait("entrant", "Whether it came after 2020.")
    relocated = trait("relocated", "Whether it came from another district.")
    payback_cutoff = trait("payback_cutoff", "Longest payback that it takes, yr.")

    # What it makes
    active = now("standing", "active", "Whether it is there.")
    brown_capacity = now("trade", "brown_capacity", "Capacity for its ordinary product, 万元 a quarter, 2020 prices.")
    green_capacity = now("trade", "green_capacity", "Capacity for its green product, 万元 a quarter, 2020 prices.")
    output = now("trade", "output", "Output, 万元 of the quarter, 2020 prices.")
    green_output = now("trade", "green_output", "Green output, 万元 of the quarter, 2020 prices.")
    value_added = flow(codes.FEN, (codes.VALUE_ADDED,), "Value added, 万元 of the quarter, 2020 prices.")
    green_sales = flow(codes.FEN, (codes.GREEN_SALES,), "Green sales as simulated, 万元 of the quarter.")

    # What it takes and leaves
    energy = calorific(CARRIERS, "Energy taken in, tce of the quarter.")
    energy_sold = calorific(SOLD, "Electricity and heat sold, tce of the quarter.")
    coal = calorific((codes.COAL,), "Coal, tce of the quarter.")
    electricity = calorific((codes.ELECTRICITY,), "Electricity bought, tce of the quarter.")
    emissions = flow(KG, CO2, "CO2 of own fuel and processes (scope 1), t of the quarter.")
    nox = flow(GRAMS, (codes.NOX,), "NOx, t of the quarter.")
    voc = flow(GRAMS, (codes.VOC,), "VOC, t of the quarter.")
    cod = flow(GRAMS, (codes.COD,), "COD, t of the quarter.")
    ammonia = flow(GRAMS, (codes.AMMONIA,), "NH3-N, t of the quarter.")
    water = flow(LITRES, (codes.WATER,), "Fresh water, m3 of the quarter.")
    waste = flow(KG, (codes.WASTE,), "Solid waste, t of the quarter.")
    waste_used = flow(KG, (codes.WASTE_USED,), "Part of it that somebody uses, t of the quarter.")
    by_product_sales = flow(codes.FEN, (codes.BY_PRODUCT_SALES,), "Sales of by-products, 万元 of the quarter.")
    pv = now("plant", "pv", "Solar capacity on its roofs, kW.")

    # What it owns and owes
    cash = balance("cash", "Cash, 万元.")
    working_debt = balance("debt", "Working-capital loans, 万元.")
    project_debt = balance("term_debt", "Ordinary project loans, 万元.")
    green_debt = balance("green_debt", "Project loans from the green window, 万元.")
    capital = balance("capital", "Net fixed capital, 万元.")

    # What it knows, has and builds
    noticed = options("noticed", "Options that it knows of, by their codes in options.csv.")
    adopted = options("adopted", "Options in use.")
    building = options("building", "Options under construction.")
    diagnosed = now("standing", "diagnosed", "Whether an adviser has been there.")
    requests = now("standing", "requests", "Customers that ask it for a certificate.")

    @property
    def size(self) -> str:
        """Size class: below_scale, small, medium or large."""
        return SIZE_NAMES[self.model.world.firms["size_class"].item(self.row)]

    @property
    def certificates(self) -> tuple[str, ...]:
        """Certificates that it holds, by their words in certificates.csv."""
        held = self.model.state.standing["certificates"].item(self.row)
        return tuple(name for step, name in enumerate(names("certificates", "certificate")) if has(held, step))

    @property
    def green_share(self) -> float:
        """Green part of output, share; zero without output."""
        return self.green_output / self.output if self.output > 0.0 else 0.0

    @property
    def utilisation(self) -> float:
        """Output over capacity, share; zero without capacity."""
        capacity = self.brown_capacity + self.green_capacity
        return self.output / capacity if capacity > 0.0 else 0.0

    @property
    def debt(self) -> float:
        """All loans, 万元."""
        money = self.model.state.till.money[self.row]
        return int(money.debt + money.term_debt + money.green_debt) / codes.FEN

    @property
    def reason(self) -> str:
        """Why it started no retrofit in the last quarter, a word of codes.REASON_NAMES; `none` if nothing bound it."""
        return codes.REASON_NAMES[self.model.state.proposals["reason"].item(self.row)]

    @property
    def ledger(self) -> dict[str, float]:
        """Its books of the last quarter by term, 万元; money in is positive."""
        amounts = self.model.state.till.ledger[self.row] / codes.FEN
        return dict(zip(codes.TERM_NAMES, amounts.tolist(), strict=True))

    def suppliers(self) -> Any:
        """Local firms that it buys from, as an AgentSet."""
        return self.model.firm_set(suppliers_of(self.row, self.model.world.links, self.model.state.supply))

    def customers(self) -> Any:
        """Local firms that buy from it, as an AgentSet."""
        return self.model.firm_set(customers_of(self.row, self.model.world.links, self.model.state.supply))

    def symbiosis_partners(self) -> Any:
        """Firms that it has agreed with to pass on by-products, either way, as an AgentSet."""
        pairs, agreed = self.model.world.candidates, self.model.state.ties.tie != NO_LINK
        takers = pairs.sink[agreed & (pairs.source == self.row)]
        givers = pairs.source[agreed & (pairs.sink == self.row)]
        return self.model.firm_set(sorted({*takers.tolist(), *givers.tolist()}))

    def why(self) -> Decision:
        """What it did about retrofits in the last quarter, and the one thing that bound it."""
        proposal = self.model.state.proposals[self.row]
        agenda, option = self.model.state.agenda[self.row], int(proposal.option)
        if option < 0:
            return Decision(self.model.quarter, "", False, self.reason, 0.0, 0.0, 0.0)
        return Decision(
            self.model.quarter,
            names("options", "option")[option],
            has(int(agenda.building | agenda.adopted), option),
            self.reason,
            int(proposal.capex) / codes.FEN,
            int(proposal.grant) / codes.FEN,
            int(proposal.saving) / codes.FEN,
        )


class Bank:
    """A bank: its books at the end of the last quarter, 万元."""

    def __init__(self, model: "Jiangjin", place: int) -> None:
        self.model, self.place = model, place

    def _book(self, column: str) -> float:
        return self.model.state.till.books[column].item(self.place) / codes.FEN

    @property
    def loans(self) -> float:
        """All loans to firms, 万元."""
        return self._book("loans") + self._book("term_loans") + self._book("green_loans")

    @property
    def green_loans(self) -> float:
        """Loans of the green window, 万元."""
        return self._book("green_loans")

    @property
    def equity(self) -> float:
        """Equity, 万元."""
        return self._book("equity")

    def borrowers(self) -> Any:
        """The firms that bank there, as an AgentSet."""
        at = self.model.world.firms["bank"] == self.place
        return self.model.firm_set(at.nonzero()[0])
