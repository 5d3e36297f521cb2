"""Random worlds with settings to run them in, and runs told quarter by quarter.

A world is drawn by `worlds.random_firms` and linked by the model's own network; its numbers are the declared ones, of
which a share is moved anywhere within the declared bounds, so that what must hold is tried where users may go.
"""

import hashlib
from collections.abc import Iterator
from functools import cache
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st
from worlds import random_firms

from agents._rows import record_of
from agents.codes import N_BANKS
from agents.network import WHOLE_LINK
from sim.catalogue import input_coefficients, sector_column
from sim.configuration.parameters import PARAMETER_GROUPS, load_declarations
from sim.configuration.sampling import Parameters
from sim.configuration.tables import load_table
from sim.opening import open_district
from sim.phases.recording import Record
from sim.population.supply import build_supply, no_links
from sim.results.quantities import quantities
from sim.run import Run, prepare_run, step_replicate
from sim.scenario import Scenario
from sim.setting import World
from sim.state import State
from sim.world import assemble

QUARTERS = 8
HUGE = 30.0  # outside prices of 2020 times this
PRICES = ("coal_price", "gas_price", "oil_price", "heat_price", "electricity_price", "small_electricity_price")
# What a number of a setting is called there, by group of declarations.
PLACES = {
    "behaviour": "behaviour",
    "firm": "firm",
    "finance": "finance",
    "market": "market",
    "conversion": "conversion",
    "switching": "switching",
    "symbiosis": "symbiosis",
    "certification": "certification",
    "factor": "factors",
    "model": "mechanisms",
}


class Sketch(NamedTuple):
    """All that makes a random world and its run: small numbers that hypothesis can shrink."""

    n: int = 20
    seed: int = 0
    quarters: int = 4
    moved: float = 0.1  # share of all numbers that are moved within their bounds
    linked: bool = True
    one_sector: bool = False
    all_entrants: bool = False
    without_purses: bool = False
    huge_prices: bool = False
    busy: bool = False  # everybody knows and wants much, and what is scarce runs out


BUSY = {
    "behaviour": {"base_attention": 2.0, "implemented_share": 0.999, "implementation_years": 0.25},
    "conversion": {"base_hazard": 1.0},
    "symbiosis": {"base_formation": 2.0, "half_worth": 0.1},
    "firm": {"largest_expansion": 1.0, "expansion_threshold": 0.3, "expansion_quarters": 1.0, "arrival_quarters": 1.0},
    "finance": {"interest_cover": 0.0},
    "certification": {
        "effort": 5.0,
        "regard_share": 0.02,
        "water_reuse_gate": 0.6,
        "false_claim_share": 0.5,
        "check_rate": 0.5,
        "rival_score": 20.0,
    },
}
BUSY_POLICY = {
    "retrofit_grant_share": 0.3,
    "retrofit_grant_threshold": 0.0,
    "retrofit_grant_purse": 200.0,
    "retrofit_grant_ranking": 1.0,
    "digital_grant_share": 0.3,
    "digital_grant_threshold": 0.0,
    "digital_grant_purse": 100.0,
    "pv_grant_rate": 0.1,
    "pv_grant_purse": 50.0,
    "conversion_grant_share": 0.3,
    "conversion_grant_purse": 300.0,
    "park_renovation_share": 0.5,
    "park_renovation_purse": 50.0,
    "symbiosis_platform_multiplier": 3.0,
    "symbiosis_platform_cost": 20.0,
    "green_credit_quota": 4_000.0,
    "guarantee_limit": 0.3,
    "free_diagnosis_firms": 500.0,
    "emission_limits_coverage": 0.5,
    "efficiency_benchmark_coverage": 0.3,
    "investment_attraction_multiplier": 10.0,
    "phase_out_share": 0.2,
    "high_energy_limits_expansion": 0.3,
    "coal_substitution_boilers": 0.3,
    "energy_rights_price": 100.0,
    "pollution_rights_price": 5.0,
    "relending_quota": 1_000.0,
    "relending_share": 0.6,
    "green_credit_paid_share": 0.5,
    "green_bonds_limit": 0.2,
    "green_bonds_size": 0.0,
    "renewable_projects_pv": 20.0,
    "incubation_entry": 2.0,
    "incubation_survival": 0.5,
    "circular_agriculture_coverage": 0.3,
    "eco_tourism_pull": 0.1,
    "forest_carbon_sink": 10_000.0,
    "income_tax_relief_green": 0.2,
    "supply_chain_leader_number": 20.0,
    "digital_platform_matching": 1.0,
    "green_procurement_pull": 0.2,
    "green_procurement_certified_share": 0.5,
    "certification_award_multiplier": 1.0,
    "certification_award_purse": 300.0,
}


def sketches(largest: int = 300) -> st.SearchStrategy[Sketch]:
    """Return any sketch of up to so many rows; the odd ones are common."""
    rows = st.one_of(st.integers(1, 3), st.integers(1, min(40, largest)), st.integers(1, largest))
    return st.builds(
        Sketch,
        n=rows,
        seed=st.integers(0, 2**31 - 1),
        quarters=st.integers(1, QUARTERS),
        moved=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
        linked=st.booleans(),
        one_sector=st.booleans(),
        all_entrants=st.sampled_from([False] * 7 + [True]),
        without_purses=st.booleans(),
        huge_prices=st.sampled_from([False] * 3 + [True]),
        busy=st.booleans(),
    )


@cache
def makers() -> tuple[int, ...]:
    """Return the sector that makes each green product."""
    names = list(load_table("sectors")["sector"])
    return tuple(names.index(sector) for sector in load_table("products")["sector"])


@cache
def declared(name: str = "plan") -> Parameters:
    """Return the central numbers of a scenario, prices and policies for `QUARTERS` quarters."""
    return scenario(name).tuples(None)


@cache
def scenario(name: str = "plan") -> Scenario:
    """Return the scenario behind `declared`."""
    return Scenario.load(name, firms=600, until="2022Q4", parameters="central")


@cache
def declared_run(name: str = "plan") -> Run:
    """Return the run of a scenario with central numbers."""
    return prepare_run(scenario(name), 0)


def sketched_firms(sketch: Sketch) -> Any:
    """Return the columns of the firms of a sketch."""
    firms = random_firms(
        sketch.n,
        sketch.seed,
        sector=int(np.random.default_rng(sketch.seed).integers(0, 28)) if sketch.one_sector else None,
        banks=N_BANKS,
        n_products=len(makers()),
        product_sector=makers(),
    )
    if sketch.all_entrants:
        firms = firms._replace(entrant=np.ones(sketch.n, np.bool_))
    return firms


def linked(firms: Any, sketch: Sketch) -> Any:
    """Return the supply links of given firms, as the sketch wants them."""
    if not sketch.linked:
        return no_links(len(firms.firm), 0)
    return build_supply(firms, input_coefficients(), declared().network, sketch.seed, sector_column("inflow_share"))


def sketched_world(sketch: Sketch) -> World:
    """Return the world of a sketch."""
    firms = sketched_firms(sketch)
    return assemble(firms, linked(firms, sketch), sketch.seed)


def with_firms(world: World, **columns: Any) -> World:
    """Return a world some columns of whose firms differ; read-only like any world, so the same machine code runs it."""
    firms = world.firms.copy()
    for name, column in columns.items():
        firms[name] = column
    firms.flags.writeable = False
    return world._replace(firms=firms)


def sketched_run(sketch: Sketch) -> Run:
    """Return setting and moments of a sketch: declared numbers, some of them moved within their bounds."""
    luck = np.random.default_rng([sketch.seed, 1])
    numbers = declared()
    settings = {place: moved(group, luck, sketch.moved) for group, place in PLACES.items()}
    early, late = (moved("policy", luck, sketch.moved) for _ in range(2))
    price = moved("price", luck, sketch.moved)
    if sketch.huge_prices:
        price = price._replace(**{name: HUGE * getattr(numbers.prices[0], name) for name in PRICES})
    if sketch.busy:
        settings |= {place: settings[place]._replace(**values) for place, values in BUSY.items()}
        early, late = (policy._replace(**BUSY_POLICY) for policy in (early, late))
    if sketch.without_purses:
        purses = {name: 0.0 for name in early._fields if name.endswith("_purse")}
        early, late = early._replace(**purses), late._replace(**purses)
    change = int(luck.integers(0, QUARTERS))
    base = declared_run()
    moments = [
        moment._replace(
            seed=sketch.seed, prices=record_of(price), policy=record_of(early if moment.quarter < change else late)
        )
        for moment in base.moments[: sketch.quarters]
    ]
    return base._replace(setting=with_numbers(base.setting, **settings), moments=moments)


def with_numbers(setting: Any, **groups: Any) -> Any:
    """Return a setting with other tuples of numbers."""
    return setting._replace(**{name: record_of(numbers) for name, numbers in groups.items()})


def moved(group: str, luck: np.random.Generator, share: float) -> Any:
    """Return the declared numbers of a group, a share of them moved: to a bound or anywhere between."""
    central = central_numbers(group)
    values = {}
    for field, entry in load_declarations().of_group(group).items():
        if field in central._fields and luck.random() < share:
            lower, upper = entry.bounds
            place = luck.choice([0.0, 1.0, luck.random()])
            values[field] = float(round(place)) if entry.unit == "switch" else lower + place * (upper - lower)
    return central._replace(**values)


def central_numbers(group: str) -> Any:
    """Return the declared numbers of a group; prices and policies as they are at the beginning of 2022."""
    numbers = declared()
    if group == "policy":
        return numbers.policies[4]
    if group == "price":
        return numbers.prices[4]
    found = getattr(numbers, {"model": "mechanisms"}.get(group, group))
    assert isinstance(found, PARAMETER_GROUPS[group])
    return found


def with_mechanisms(run: Run, **switches: float) -> Run:
    """Return a run with some mechanisms switched, 1.0 on and 0.0 off."""
    return run._replace(setting=run.setting._replace(mechanisms=changed(run.setting.mechanisms, **switches)))


def with_policy(run: Run, start: int = 0, **values: float) -> Run:
    """Return a run with other policies from a quarter on."""
    moments = [
        moment._replace(policy=changed(moment.policy, **values)) if moment.quarter >= start else moment
        for moment in run.moments
    ]
    return run._replace(moments=moments)


def changed(numbers: Any, **values: float) -> Any:
    """Return a record of numbers with some of them changed; an unknown name is an error."""
    other = numbers.copy()
    for name, value in values.items():
        other[name] = value
    return other


class Story(NamedTuple):
    """A run told: state at the start and copies after every quarter, and the record."""

    states: list["Snapshot"]  # n_quarters + 1
    record: Record


class Snapshot(SimpleNamespace):
    """A copy of a state: groups of rows and arrays by name, however the state bundles them."""


def told(world: World, run: Run) -> Story:
    """Run a world and return the copies of its state."""
    states = [seen(world, run, open_district(world, run.setting, run.moments[0]))]
    records = []
    for state, record in step_replicate(world, run):
        states.append(seen(world, run, state))
        records.append(record)
    return Story(states, records[-1])


def recorded(world: World, run: Run) -> Record:
    """Run a world and return its record only."""
    *_, (_, record) = step_replicate(world, run)
    return record


def seen(world: World, run: Run, state: State) -> Snapshot:
    """Return a copy of all that a state holds, with all quantities of every firm."""
    copy = snapshot(state)
    copy.quantities = quantities(world, state, run.setting.factors)
    return copy


def snapshot(state: State) -> Snapshot:
    """Return a copy of all that a state holds."""
    return Snapshot(**{name: part.copy() for name, part in parts(state)})


def parts(group: Any) -> Iterator[tuple[str, Any]]:
    """Yield name and array of each part of a tuple and of the tuples in it; names are unique."""
    for field, part in zip(group._fields, group, strict=True):
        if isinstance(part, tuple):
            yield from parts(part)
        else:
            yield field, part


def columns(group: Any) -> Iterator[tuple[str, Any]]:
    """Yield name and plain array of each column of a snapshot or record; fields of rows are columns of their own."""
    for field, part in vars(group).items() if isinstance(group, Snapshot) else parts(group):
        if part.dtype.names:
            for column in part.dtype.names:
                yield f"{field}.{column}", np.ascontiguousarray(part[column])
        else:
            yield field, part


class Division(NamedTuple):
    """Who buys how much from whom in a state: one entry for each place of each link, empty places included."""

    link: np.ndarray  # in supplier order
    supplier: np.ndarray  # row
    customer: np.ndarray
    parts: np.ndarray  # of WHOLE_LINK
    share: np.ndarray  # yuan per yuan of the customer's output


def division(world: World, state: Snapshot) -> Division:
    """Return how the purchases of all links are divided."""
    links, n = world.links, len(world.firms)
    link = np.concatenate([np.arange(len(links.link)), links.instead])
    starts = (links.supplier_start, links.substitute_start)
    supplier = np.concatenate([np.repeat(np.arange(n), np.diff(start)) for start in starts])
    parts = np.concatenate([state.kept, state.moved]).astype(np.int64)
    return Division(link, supplier, links.customer[link], parts, links.purchase_share[link] * parts / WHOLE_LINK)


def digest(group: Any) -> str:
    """Return one hash of all columns of a snapshot or record; padding between fields does not count."""
    total = hashlib.sha256()
    for name, column in columns(group):
        total.update(f"{name}{column.dtype}{column.shape}".encode() + column.tobytes())
    return total.hexdigest()


def differing(one: Any, other: Any) -> list[str]:
    """Return the names of the columns whose bytes differ."""
    pairs = zip(columns(one), columns(other), strict=True)
    return [name for (name, a), (_, b) in pairs if a.shape != b.shape or a.tobytes() != b.tobytes()]
