"""The district as a Mesa model: `step()` is one compiled quarter, agents are views of rows, made when asked for.

The same quarter on the same memory as `simulate`, so a seed and replicate give the same numbers. The only module of
`sim` that imports Mesa; written to what Mesa 3.3 and 3.5 have in common.
"""

import numbers
from collections.abc import Iterable, Mapping
from typing import Any

import mesa
import networkx
import numpy as np
import pandas as pd
from mesa.agent import AgentSet

from agents import codes
from sim import graphs
from sim.configuration.periods import quarter_name
from sim.configuration.problems import Problem, quoted, refuse_if
from sim.phases.recording import PURSE_COLUMNS, THOUSANDTHS, Record
from sim.results import tidy
from sim.results.partial import part_so_far
from sim.results.parts import Part
from sim.results.revenue import FEN_PER_YI, QUARTERS, align, bases, quarterly_sales, scope_total
from sim.results.sums import CO2
from sim.run import open_replicate, prepare_run, take_quarter
from sim.scenario import Scenario
from sim.setting import World
from sim.state import State
from sim.views import Bank, FirmView
from sim.world import build_world

USUAL_POPULATIONS = 2  # of `simulate`
MOST_REPLICATES = 1_000_000
TONNES_PER_WAN = 1e4
KG_PER_TONNE = 1e3
REPORTERS = (
    "quarter",
    "green_revenue",
    "green_sales",
    "output",
    "value_added",
    "emissions",
    "options_in_use",
    "public_spending",
    "n_firms",
)


class Firm(FirmView, mesa.Agent):
    """A firm of the district: a `FirmView` that is a Mesa agent; `unique_id` is its number, `pos` its place in km."""

    def __init__(self, model: "Jiangjin", row: int, number: int, place: tuple[float, float]) -> None:
        super().__init__(model)
        self.row = row
        self.unique_id = number
        self.pos = place

    def __repr__(self) -> str:
        return f"<firm {self.firm}, {self.sector} in {self.park}>"

    def remove(self) -> None:
        """Let go of the view; the firm goes on, and is shown again after the next quarter."""
        self.model.let_go(self)


class Jiangjin(mesa.Model):
    """The district from the end of 2020, a quarter at a time.

    Args:
        scenario: a name of configs/scenarios/ or the path of a scenario file.
        firms: rows of the population.
        until: last quarter, for example `2025Q4`; then `running` is false.
        seed: key of all draws of the model; None for 1, so that every run can be repeated.
        changes: `{KEY: value}` from 2022 on, `{"KEY@DATE": value}` from a day on, as for `Scenario.load`.
        replicate: whose luck and parameter draw, as in `simulate`.
        population: 0 for the first; None for the one that `simulate` gives to the replicate.
        information: `as_of_2021` or `conditional`.
        parameters: `posterior`, `prior` or `central`.
        model_reporters: for the DataCollector, in place of the usual ones.
        agent_reporters: for the DataCollector, of each firm; none by default, as they cost more than the model.
        rng: Mesa's other word for the seed.
        kwargs: changes one by one, so that batch runs and sliders name a lever: `**{"policy.carbon_price.price": 80}`.

    Attributes:
        inputs: the scenario that is run.
        world: the population, shared and read-only.
        state: the arrays that a quarter writes; read them, do not write.
        datacollector: has collected after every quarter; its first row is 2021Q1.

    Raises:
        ConfigError: a ValueError with everything that is wrong with the inputs.

    Example:
        >>> from sim import Jiangjin
        >>> model = Jiangjin(scenario="plan", firms=600, until="2021Q4")  # doctest: +SKIP
        >>> model.run_model()  # doctest: +SKIP
        >>> model.firms.select(lambda firm: firm.park == "degan").agg("output", sum)  # doctest: +SKIP
    """

    def __init__(
        self,
        scenario: str = "baseline",
        firms: int = 5000,
        until: str = "2025Q4",
        seed: int | None = None,
        changes: Mapping[str, Any] | None = None,
        replicate: int = 0,
        population: int | None = None,
        information: str = "as_of_2021",
        parameters: str = "posterior",
        model_reporters: Mapping[str, Any] | None = None,
        agent_reporters: Mapping[str, Any] | None = None,
        rng: int | None = None,
        **kwargs: Any,
    ) -> None:
        refuse_if(input_problems(replicate, population))
        key = chosen_seed(seed, rng)
        inputs = Scenario.load(scenario, firms, until, key, {**(changes or {}), **kwargs}, information, parameters)
        super().__init__(rng=inputs.seed)
        self.inputs = inputs
        self.replicate = replicate
        self.population = replicate % USUAL_POPULATIONS if population is None else population
        self.world: World = build_world(inputs, self.population)
        self._run = prepare_run(inputs, replicate)
        self._opened = open_replicate(self.world, self._run)
        self._quarters = 0  # that are over
        self._views: dict[int, Firm] = {}
        self._shown = -1  # quarters that were over when views were last brought up to date
        self._told: tuple[int, Part] | None = None
        reporters = dict(model_reporters or {name: name for name in REPORTERS})
        self.datacollector = mesa.DataCollector(reporters, dict(agent_reporters) if agent_reporters else None)

    def step(self) -> None:
        """Take the district through one quarter and collect.

        Raises:
            RuntimeError: the last quarter is over.
        """
        if self._quarters == self.inputs.quarters:
            raise RuntimeError(f"the run ended with {self.inputs.until}; for more, give a later `until`")
        take_quarter(self._quarters, self.world, self._run, self._opened)
        self._quarters += 1
        self.running = self._quarters < self.inputs.quarters
        self.datacollector.collect(self)

    @property
    def scenario(self) -> None:
        """Nothing: Mesa 3.5 means something else by it, and its page would hand that back to us. See `inputs`."""
        return None

    @scenario.setter
    def scenario(self, _: Any) -> None:
        pass

    @property
    def state(self) -> State:
        """What the quarters write on."""
        return self._opened.state

    @property
    def record(self) -> Record:
        """The sums that results are made from, by quarter."""
        return self._opened.record

    @property
    def quarter(self) -> str:
        """The last quarter that is over, `2020Q4` at the start."""
        return quarter_name(self._quarters - 1)

    @property
    def factors(self) -> Any:
        """Physical constants and legal conversion factors, `agents.energy.Factors`."""
        return self._run.setting.factors

    # Agents

    @property
    def agents(self) -> AgentSet:
        """The firms that are there now, arrivals included, as an AgentSet; rows of small firms stand for several."""
        self._show_firms()
        return super().agents

    @property
    def agents_by_type(self) -> dict[type, AgentSet]:
        """The firms that are there now, under `Firm`."""
        self._show_firms()
        return super().agents_by_type

    @property
    def firms(self) -> AgentSet:
        """The same as `agents`."""
        return self.agents

    @property
    def banks(self) -> tuple[Bank, ...]:
        """The banks; no agents in Mesa's sense, so that `agents` has one kind of attribute."""
        return tuple(Bank(self, place) for place in range(codes.N_BANKS))

    def firm(self, number: int) -> Firm:
        """The firm with this stable number.

        Raises:
            KeyError: no such firm is there now.
        """
        self._show_firms()
        for row in np.flatnonzero(self.world.firms["firm"] == number).tolist():
            if row in self._views:
                return self._views[row]
        raise KeyError(f"firm {number} is not in the district in {self.quarter}")

    def firm_set(self, rows: Iterable[Any]) -> AgentSet:
        """The firms of these rows that are there now."""
        self._show_firms()
        views = (self._views.get(int(row)) for row in rows)
        return AgentSet([view for view in views if view is not None], random=self.random)

    def let_go(self, firm: Firm) -> None:
        """Forget the view of a firm until after the next quarter."""
        if self._views.pop(firm.row, None) is not None:
            self.deregister_agent(firm)

    def _show_firms(self) -> None:
        """Make views of the firms that came, and let go of those that left, since somebody last looked."""
        if self._shown == self._quarters:
            return
        self._shown = self._quarters
        active = self.state.standing["active"]
        for row in [row for row in self._views if not active[row]]:
            self.let_go(self._views[row])
        new = np.array([row for row in np.flatnonzero(active).tolist() if row not in self._views], np.int64)
        firm, east, north = (self.world.firms[name][new].tolist() for name in ("firm", "east", "north"))
        for row, number, *place in zip(new.tolist(), firm, east, north, strict=True):
            self._views[row] = Firm(self, row, number, tuple(place))
        # Mesa before 3.4 remembers every model in a class attribute for ever.
        getattr(mesa.Agent, "_ids", {}).pop(self, None)

    # Networks

    def supply_graph(self) -> networkx.DiGraph:
        """Who buys from whom now; see `sim.graphs.supply_graph`."""
        return graphs.supply_graph(self.world, self.state)

    def symbiosis_graph(self) -> networkx.MultiDiGraph:
        """Who gives by-products to whom now; see `sim.graphs.symbiosis_graph`."""
        return graphs.symbiosis_graph(self.world, self.state)

    # Results

    @property
    def quarters(self) -> pd.DataFrame:
        """Every variable by quarter so far, as `simulate(...).quarters` tells it; empty before the first quarter.

        Green revenue is aligned as soon as 2021 is over.
        """
        return tidy.quarters([self._part()]) if self._quarters else pd.DataFrame()

    @property
    def years(self) -> pd.DataFrame:
        """Every variable by complete year so far, as `simulate(...).years` tells it; empty before the first year."""
        return tidy.years([self._part()]) if self._quarters >= QUARTERS else pd.DataFrame()

    def _part(self) -> Part:
        if self._told is None or self._told[0] != self._quarters:
            place = (self.population, self.replicate)
            part = part_so_far(self.record, self._quarters, self.inputs, self.world, self._run, *place)
            self._told = (self._quarters, part)
        return self._told[1]

    # What the DataCollector asks for: the last quarter at its annual rate, zero before the first

    @property
    def green_revenue(self) -> float:
        """Green revenue of all clusters, 亿元 a year, aligned to 2021; no number before 2021 is over."""
        if self._quarters < QUARTERS:
            return float("nan")
        draw = None if self.inputs.parameters == "central" else self.replicate
        alignment = align(self.record, bases(self.inputs.seed, draw), self._run.revenue)
        return QUARTERS * float(scope_total(self._sales() * alignment.revenue_factor, "plan"))

    @property
    def green_sales(self) -> float:
        """Green sales as simulated, before alignment, 亿元 a year."""
        return QUARTERS * float(scope_total(self._sales(), "plan"))

    @property
    def output(self) -> float:
        """Output, 亿元 a year at 2020 prices."""
        return self._flow(codes.OUTPUT) / FEN_PER_YI

    @property
    def value_added(self) -> float:
        """Value added, 亿元 a year at 2020 prices."""
        return self._flow(codes.VALUE_ADDED) / FEN_PER_YI

    @property
    def emissions(self) -> float:
        """CO2 of fuel and processes of all firms (scope 1), 万t a year."""
        return sum(map(self._flow, CO2)) / KG_PER_TONNE / TONNES_PER_WAN

    @property
    def options_in_use(self) -> float:
        """Options adopted, summed over real firms."""
        return float(self._last(self.record.adopters).sum()) / THOUSANDTHS

    @property
    def public_spending(self) -> float:
        """What all programmes spent, 万元 a year."""
        spent = self._last(self.record.purses)[..., PURSE_COLUMNS.index("spent")]
        return QUARTERS * float(spent.sum()) / codes.FEN

    @property
    def n_firms(self) -> float:
        """Real firms that are there."""
        weight = self.world.firms["weight"][self.state.standing["active"]]
        return float(weight.sum())

    def _last(self, by_quarter: np.ndarray) -> np.ndarray:
        """The last quarter of a table of the record; zeros before the first."""
        return by_quarter[self._quarters - 1] if self._quarters else np.zeros_like(by_quarter[0])

    def _flow(self, quantity: int) -> float:
        sectors = self._last(self.record.sectors)
        return QUARTERS * float(sectors[:, codes.N_TERMS + quantity].sum())

    def _sales(self) -> np.ndarray:
        """Green sales of the last quarter by cluster, 亿元."""
        return self._last(quarterly_sales(self.record)) / FEN_PER_YI


def chosen_seed(seed: int | None, rng: int | None) -> int:
    """The seed under either of Mesa's two words for it; 1 for none."""
    if seed is not None and rng is not None:
        refuse_if([Problem("rng", None, "", quoted(rng), "`seed` or `rng`, not both")])
    chosen = seed if rng is None else rng
    return 1 if chosen is None else chosen


def input_problems(replicate: int, population: int | None) -> list[Problem]:
    """What is wrong with the two inputs that are not the scenario's."""
    given = {"replicate": replicate, "population": 0 if population is None else population}
    return [
        Problem(name, None, "", quoted(value), f"a whole number from 0 to {MOST_REPLICATES - 1:,}")
        for name, value in given.items()
        if isinstance(value, bool) or not isinstance(value, numbers.Integral) or not 0 <= value < MOST_REPLICATES
    ]
