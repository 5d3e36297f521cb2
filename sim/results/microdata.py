"""What single firms did in one replicate: by year, event by event, and who supplied whom; readable without the code.

Every flow of a firm stands in whole units, so that the aggregates of years.csv can be added up again from its rows.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from agents import codes
from agents.mathematics import whole
from agents.network import undivided
from agents.symbiosis import FIRST_LINK, NO_LINK
from sim.configuration.periods import FIRST_YEAR, quarter_name
from sim.configuration.tables import load_table
from sim.phases.recording import N_FLOWS
from sim.population.supply import links_now
from sim.results.integrity import IntegrityError
from sim.results.quantities import quantities
from sim.results.revenue import QUARTERS
from sim.results.sums import CARRIERS, CO2, SOLD, ratio
from sim.results.wording import worded
from sim.setting import World
from sim.state import Log, State

SIZE_NAMES = ("below_scale", "small", "medium", "large")
KG_PER_TONNE = 1e3
WATT = 1e3  # in a kW
EVENTS_PER_ROW = 32  # room for what can happen to a row of firms in a quarter
FLOW_COLUMNS = (*(f"ledger_{name}" for name in codes.TERM_NAMES), *(f"flow_{name}" for name in codes.QUANTITY_NAMES))
# What the detail of an event is, by its kind.
DETAILS: dict[str, tuple[tuple[str, ...], tuple[int, ...]]] = {
    "label": (codes.LABEL_NAMES[1:], (codes.APPLIED, codes.REFUSED, codes.GRANTED)),
    "money": (codes.MONEY_NAMES[1:], (codes.STARTED, codes.BORROWED)),
    "reason": (codes.REASON_NAMES, (codes.UNFUNDED,)),
    "cause": (("other", "insolvent"), (codes.LEFT,)),
    "certificate": (codes.CERTIFICATE_NAMES, (codes.CERTIFIED, codes.DELISTED)),
}
FIRST = {"label": 1, "money": 1, "reason": 0, "cause": 0, "certificate": 0}  # code of the first word
LINKS = (codes.LINKED, codes.UNLINKED)
NOBODY = -1
PROJECTS = {codes.NO_PROJECT: "", codes.CONVERSION_PROJECT: "conversion", codes.EXPANSION_PROJECT: "expansion"}


class Micro(NamedTuple):
    """Firms by year, the supply links, what happened, and links of by-products by year, of one replicate."""

    firms: pd.DataFrame
    links: pd.DataFrame
    events: pd.DataFrame
    by_product_links: pd.DataFrame


class Collector:
    """Adds up what firms do over the quarters of a year, keeps the complete years and all events."""

    def __init__(self, world: World, factors: Any) -> None:
        self.world = world
        self.factors = factors  # agents.energy.Factors
        self.quarter = 0
        self.state: State | None = None
        self.years: list[pd.DataFrame] = []
        self.events: list[pd.DataFrame] = []
        self.flows = np.zeros((len(world.firms), N_FLOWS), np.int64)
        self.exchanges: list[pd.DataFrame] = []
        self.carried = np.zeros(len(world.candidates.source), np.int64)

    def take(self, state: State) -> None:
        """Add the quarter that the state has just been through, and empty its log.

        Raises:
            IntegrityError: more happened than the log has room for.
        """
        self.state = state
        self.flows[:, : codes.N_TERMS] += state.till.ledger
        self.flows[:, codes.N_TERMS :] += quantities(self.world, state, self.factors)
        self.carried += state.ties.flow
        self.events.append(self._events(state.log))
        state.log.n_events[0] = 0
        self.quarter += 1
        if self.quarter % QUARTERS == 0:
            self.years.append(self._year(state))
            self.flows[:] = 0
            year = FIRST_YEAR + self.quarter // QUARTERS - 1
            self.exchanges.append(exchange_table(self.world, state, self.carried, year))
            self.carried[:] = 0

    def _events(self, log: Log) -> pd.DataFrame:
        """What happened this quarter."""
        if log.n_events[0] == len(log.events):
            raise IntegrityError(f"more than {len(log.events)} events in {quarter_name(self.quarter)}")
        found = log.events[: log.n_events[0]]
        firms = self.world.firms
        told = {
            "firm": firms.firm[found.row],
            "period": np.full(len(found), self.quarter),
            "weight": firms.weight[found.row],
            "kind": found.kind.copy(),
            "subject": found.subject.copy(),
            "programme": found.programme.copy(),
            "detail": found.detail.copy(),
            "amount": found.amount / codes.FEN,
            "partner": np.where(found.partner >= 0, firms.firm[found.partner], NOBODY),
        }
        return pd.DataFrame(told)

    def _year(self, state: State) -> pd.DataFrame:
        """The firms that were there in the year, one row each."""
        rows = np.flatnonzero(state.standing.active | (self.flows != 0).any(axis=1))
        year = FIRST_YEAR + self.quarter // QUARTERS - 1
        identity = {"firm": self.world.firms.firm[rows], "year": np.full(len(rows), year)}
        columns = identity | self._traits(rows) | self._activity(rows, state) | balance(rows, state)
        exact = dict(zip(FLOW_COLUMNS, self.flows[rows].T, strict=True))
        told = [f"ledger_{name}" for name in codes.TERM_NAMES]
        told += [f"flow_{name}" for name in load_table("quantities")["quantity"]]
        return pd.DataFrame(columns | {name: exact[name] for name in told})

    def _traits(self, rows: NDArray[np.intp]) -> dict[str, Any]:
        firms = self.world.firms
        products = ["", *load_table("products")["product"]]
        return {
            "sector": worded(firms.sector[rows], list(load_table("sectors")["sector"])),
            "park": worded(firms.park[rows], list(load_table("parks")["park"])),
            "size": worded(firms.size_class[rows], SIZE_NAMES),
            "above_scale": firms.above_scale[rows],
            "weight": firms.weight[rows],
            "product": worded(firms.product[rows] + 1, products),
            "entrant": firms.entrant[rows],
            "relocated": firms.relocated[rows],
        }

    def flow(self, rows: NDArray[np.intp], *quantities: int) -> NDArray[np.int64]:
        """Sum of quantities of the year so far, whole units."""
        return self.flows[rows][:, [codes.N_TERMS + quantity for quantity in quantities]].sum(axis=1)

    def _activity(self, rows: NDArray[np.intp], state: State) -> dict[str, Any]:
        output, green = self.flow(rows, codes.OUTPUT), self.flow(rows, codes.GREEN_OUTPUT)
        return {
            "active": state.standing.active[rows],
            "green_maker": state.standing.active[rows] & (state.trade.green_capacity[rows] > 0.0),
            "output": output / codes.FEN,
            "value_added": self.flow(rows, codes.VALUE_ADDED) / codes.FEN,
            "green_share": ratio(green.astype(np.float64), output.astype(np.float64)),
            "green_sales": self.flow(rows, codes.GREEN_SALES) / codes.FEN,
            "by_product_sales": self.flow(rows, codes.BY_PRODUCT_SALES) / codes.FEN,
            "energy": (self.flow(rows, *CARRIERS) - self.flow(rows, *SOLD)) / self.factors.energy_content,
            "emissions": self.flow(rows, *CO2) / KG_PER_TONNE,
            "options": adopted_names(state.agenda.adopted[rows]),
            "certificates": certificate_names(state.standing.certificates[rows]),
            "reason": worded(state.proposals.reason[rows], codes.REASON_NAMES),
            "pv": np.array([whole(power * WATT) for power in state.plant.pv[rows].tolist()], np.int64),
        }

    def result(self) -> Micro:
        """The complete years, sorted by firm and year, the links, and the events in their order."""
        firms = pd.concat(self.years, ignore_index=True) if self.years else pd.DataFrame()
        if len(firms):
            firms = firms.sort_values(["firm", "year"], kind="stable", ignore_index=True)
        exchanges = pd.concat(self.exchanges, ignore_index=True) if self.exchanges else pd.DataFrame()
        return Micro(firms, link_table(self.world, self.state), event_table(self.events), exchanges)


def balance(rows: NDArray[np.intp], state: State) -> dict[str, Any]:
    """Balance sheets at the end of the year, 万元."""
    money = state.till.money
    debt = money.debt[rows] + money.term_debt[rows] + money.green_debt[rows]
    return {
        "cash": money.cash[rows] / codes.FEN,
        "debt": debt / codes.FEN,
        "green_debt": money.green_debt[rows] / codes.FEN,
        "capital": money.capital[rows] / codes.FEN,
    }


def adopted_names(adopted: NDArray[np.int64]) -> Any:
    """Sets of options as their codes, `T01;T22`."""
    return named_sets(adopted, list(load_table("options")["option"]))


def certificate_names(held: NDArray[np.int8]) -> Any:
    """Sets of certificates by name, `digital_workshop;green_product`."""
    return named_sets(held, codes.CERTIFICATE_NAMES)


def named_sets(sets: NDArray[Any], names: Sequence[str]) -> Any:
    """Sets whose bit k stands for the kth name, as the names with semicolons between them."""
    kinds, place = np.unique(sets, return_inverse=True)
    texts = [";".join(name for k, name in enumerate(names) if members >> k & 1) for members in kinds.tolist()]
    return worded(place, texts)


def event_table(quarters: list[pd.DataFrame]) -> pd.DataFrame:
    """The events of all quarters by firm, period and place in the quarter, codes as words."""
    found = pd.concat(quarters, ignore_index=True).sort_values(["firm", "period"], kind="stable", ignore_index=True)
    kind, detail = found["kind"].to_numpy(), found["detail"].to_numpy()
    names = [quarter_name(quarter) for quarter in range(len(quarters))]
    subjects = [*PROJECTS.values(), *load_table("options")["option"]]
    place = np.where(found["subject"] >= 0, found["subject"] + len(PROJECTS), -1 - found["subject"])
    told = {
        "firm": found["firm"],
        "period": worded(found["period"].to_numpy(), names),
        "step": found.groupby(["firm", "period"]).cumcount().to_numpy(),
        "weight": found["weight"],
        "kind": worded(kind, codes.EVENT_NAMES),
        "project": worded(place, subjects),
        "programme": worded(found["programme"].to_numpy(), ("", *codes.PROGRAMME_NAMES[1:])),
    }
    for name, (words, kinds) in DETAILS.items():
        told[name] = worded(np.where(np.isin(kind, kinds), detail + 1 - FIRST[name], 0), ("", *words))
    told["stream"] = worded(np.where(np.isin(kind, LINKS), detail + 1, 0), ("", *load_table("streams")["stream"]))
    partner = found["partner"].astype(object)
    told["partner"] = partner.where(partner != NOBODY, "")
    return pd.DataFrame(told | {"amount": found["amount"]})


def link_table(world: World, state: State | None) -> pd.DataFrame:
    """The supply links by supplier and customer, stable ids, as they are divided in a state; as drawn before any."""
    firm = world.firms.firm
    supply = undivided(world.links) if state is None else state.supply
    there = ~world.firms.entrant if state is None else state.standing.active
    links = links_now(firm, world.links, supply, there)
    supplier = np.repeat(np.arange(len(firm)), np.diff(links.supplier_start))
    table = {"supplier": firm[supplier], "customer": firm[links.customer], "purchase_share": links.purchase_share}
    return pd.DataFrame(table).sort_values(["supplier", "customer"], kind="stable", ignore_index=True)


def exchange_table(world: World, state: State, carried: NDArray[np.int64], year: int) -> pd.DataFrame:
    """Links of by-products that carried something in a year: giver, taker, stream, since when, tonnes."""
    pairs, firm, tie = world.candidates, world.firms.firm, state.ties.tie
    stream = np.repeat(np.arange(len(pairs.pair_start) - 1), np.diff(pairs.pair_start))
    used = np.flatnonzero(carried > 0)
    since = [agreed(int(link)) for link in tie[used]]
    table = {
        "year": np.full(len(used), year),
        "giver": firm[pairs.source[used]],
        "taker": firm[pairs.sink[used]],
        "stream": worded(stream[used], list(load_table("streams")["stream"])),
        "since": since,
        "tonnes": carried[used] / KG_PER_TONNE,
    }
    return pd.DataFrame(table).sort_values(["year", "giver", "taker", "stream"], kind="stable", ignore_index=True)


def agreed(link: int) -> str:
    """Quarter in which a link was agreed on; `2020Q4` for the oldest, empty for one that ended in the year."""
    if link == NO_LINK:
        return ""
    return quarter_name(link - FIRST_LINK) if link >= FIRST_LINK else f"{FIRST_YEAR - 1}Q4"
