"""What single firms did in one replicate, year by year, in words and units that can be read without the code."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from agents import codes
from agents.network import undivided
from sim.configuration.periods import FIRST_YEAR
from sim.configuration.tables import load_table
from sim.population.supply import links_now
from sim.results.measures import CARRIERS, CO2, SOLD
from sim.results.revenue import QUARTERS
from sim.results.sums import ratio
from sim.results.wording import worded
from sim.setting import World
from sim.state import State

SIZE_NAMES = ("below_scale", "small", "medium", "large")
KG_PER_TONNE = 1e3


class Micro(NamedTuple):
    """Firms by year and the supply links of one replicate."""

    firms: pd.DataFrame
    links: pd.DataFrame


class Collector:
    """Adds up what firms do over the quarters of a year, and keeps the complete years."""

    def __init__(self, world: World, energy_content: float) -> None:
        self.world = world
        self.energy_content = energy_content  # kJ per tce
        self.quarter = 0
        self.state: State | None = None
        self.years: list[pd.DataFrame] = []
        self._clear()

    def _clear(self) -> None:
        n = len(self.world.firms.firm)
        self.flows = {
            name: np.zeros(n, np.int64)
            for name in ("output", "added", "green", "sales", "energy", "co2", "by_products")
        }

    def take(self, state: State) -> None:
        """Add the quarter that the state has just been through."""
        self.state = state
        done = state.quantities
        self.flows["output"] += done[:, codes.OUTPUT]
        self.flows["added"] += done[:, codes.VALUE_ADDED]
        self.flows["green"] += done[:, codes.GREEN_OUTPUT]
        self.flows["sales"] += done[:, codes.GREEN_SALES]
        self.flows["by_products"] += done[:, codes.BY_PRODUCT_SALES]
        for carrier in CARRIERS:
            self.flows["energy"] += done[:, carrier]
        for sold in SOLD:
            self.flows["energy"] -= done[:, sold]
        for source in CO2:
            self.flows["co2"] += done[:, source]
        self.quarter += 1
        if self.quarter % QUARTERS == 0:
            self.years.append(self._year(state))
            self._clear()

    def _year(self, state: State) -> pd.DataFrame:
        """The firms that were there in the year, one row each."""
        present = state.trade.active | (self.flows["output"] != 0)
        rows = np.flatnonzero(present)
        year = FIRST_YEAR + self.quarter // QUARTERS - 1
        identity = {"firm": self.world.firms.firm[rows], "year": np.full(len(rows), year)}
        columns = identity | self._traits(rows) | self._activity(rows, state) | balance(rows, state)
        return pd.DataFrame(columns)

    def _traits(self, rows: NDArray[np.intp]) -> dict[str, Any]:
        firms = self.world.firms
        products = ["", *load_table("products")["product"]]
        return {
            "sector": worded(firms.sector[rows], list(load_table("sectors")["sector"])),
            "park": worded(firms.park[rows], list(load_table("parks")["park"])),
            "size": worded(firms.size_class[rows], SIZE_NAMES),
            "weight": firms.weight[rows],
            "product": worded(firms.product[rows] + 1, products),
            "entrant": firms.entrant[rows],
            "relocated": firms.relocated[rows],
        }

    def _activity(self, rows: NDArray[np.intp], state: State) -> dict[str, Any]:
        flows = {name: flow[rows].astype(np.float64) for name, flow in self.flows.items()}
        return {
            "active": state.trade.active[rows],
            "output": flows["output"] / codes.FEN,
            "value_added": flows["added"] / codes.FEN,
            "green_share": ratio(flows["green"], flows["output"]),
            "green_sales": flows["sales"] / codes.FEN,
            "by_product_sales": flows["by_products"] / codes.FEN,
            "energy": flows["energy"] / self.energy_content,
            "emissions": flows["co2"] / KG_PER_TONNE,
            "options": adopted_names(state.agenda.adopted[rows]),
            "reason": worded(state.agenda.reason[rows], codes.REASON_NAMES),
        }

    def result(self) -> Micro:
        """The complete years, sorted by firm and year, and the links."""
        firms = pd.concat(self.years, ignore_index=True) if self.years else pd.DataFrame()
        if len(firms):
            firms = firms.sort_values(["firm", "year"], kind="stable", ignore_index=True)
        return Micro(firms, link_table(self.world, self.state))


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
    options = list(load_table("options")["option"])
    sets, place = np.unique(adopted, return_inverse=True)
    texts = [";".join(option for k, option in enumerate(options) if members >> k & 1) for members in sets.tolist()]
    return worded(place, texts)


def link_table(world: World, state: State | None) -> pd.DataFrame:
    """The supply links by supplier and customer, stable ids, as they are divided in a state; as drawn before any."""
    firm = world.firms.firm
    supply = undivided(world.links) if state is None else state.supply
    there = ~world.firms.entrant if state is None else state.trade.active
    links = links_now(firm, world.links, supply, there)
    supplier = np.repeat(np.arange(len(firm)), np.diff(links.supplier_start))
    table = {"supplier": firm[supplier], "customer": firm[links.customer], "purchase_share": links.purchase_share}
    return pd.DataFrame(table).sort_values(["supplier", "customer"], kind="stable", ignore_index=True)
