"""Every lever of configs/policy/ is live, as MODEL §10 puts it, and at its declared value it changes nothing.

A lever says in its declaration which output it moves, through which mechanism, and what must be on beside it. Turned to
a bound from 2022 on, that output moves; with the mechanism switched off, the same turn moves it no more. The output is
physical or a firm's money; public spending, taxes and a lever's own cost line prove nothing.
"""

from functools import cache

import pytest
from random_worlds import differing

from sim.configuration.parameters import load_declarations
from sim.results.measures import measured
from sim.results.revenue import align, bases
from sim.results.totals import quarter_totals
from sim.results.variable_list import variable_named
from sim.run import prepare_run, run_replicate
from sim.scenario import Scenario, levers
from sim.world import build_world

ROWS = 600
UNTIL = "2025Q4"
DECLARED = load_declarations()
LEVERS = {lever.key: lever for lever in levers()}
# What a mechanism does in the model: the beginnings of the outputs that can prove that it was moved.
BELONGINGS = {
    "retrofits": ("Energy Saved|", "Emissions Abated|", "Adoption", "Capacity|Rooftop PV", "Investment|Retrofit"),
    "lending": ("Loans|", "Energy Saved|", "Investment|", "Dividends"),
    "contracting": ("Operating Surplus", "Investment|Retrofit By Contract"),
    "conversion": ("Investment|Conversion", "Firms|Green Makers", "Share|Green Output"),
    "entry": ("Firms|Arrived", "Firms|Relocated"),
    "closure": ("Firms|Left",),
    "expansion": ("Investment|Expansion", "Output"),
    "local_demand": ("Revenue|Green Industry|Sold To Local Projects",),
    "rights": ("Operating Surplus", "Energy Saved|", "Emissions Abated|", "Water"),
    "orders": (
        *("Energy Saved|", "Emissions Abated|", "Adoption", "Output"),
        *("Investment|Expansion", "Firms|Arrived", "Dividends"),
    ),
    "ecology": ("Emissions|", "Operating Surplus", "Revenue|Green Industry|Eco-tourism"),
    "green_pull": ("Share|Green Output", "Revenue|Green Industry"),
    "switching": ("Supply|",),
    "by_products": ("By-products|", "Solid Waste|"),
}
BELONGINGS["certification"] = ("Certificates", "Certification|Awards", "Dividends")
BELONGINGS["grants"] = (*BELONGINGS["retrofits"], "Investment|Conversion")
OWN_COST = ("Policy Cost", "Tax|")


@cache
def scenario_of(changes):
    """Return the declared world with changes."""
    return Scenario.load("baseline", firms=ROWS, until=UNTIL, parameters="central", changes=dict(changes))


@cache
def record_of(changes):
    """Return the record of the first replicate of the declared world with changes."""
    scenario = scenario_of(changes)
    return run_replicate(scenario, build_world(scenario, 0), 0)


def values(variable, changes):
    """Return an output by quarter."""
    scenario, record = scenario_of(changes), record_of(changes)
    run = prepare_run(scenario, 0)
    alignment = align(record, bases(scenario.seed, None), scenario.tuples(None).revenue)
    totals = quarter_totals(record, alignment, run.setting.factors.energy_content, run.setting.firm.district_tax_share)
    return measured(totals, (variable_named(variable),))[:, 0]


def beside(entry):
    """Return the settings that must be on for a lever to act, as changes."""
    return tuple(sorted(entry.beside.items()))


def turned(key):
    """Return the bound to which a lever is turned: the upper one unless it stands there."""
    lever, start = LEVERS[key], dict(DECLARED[key].beside).get(key, LEVERS[key].value)
    return lever.lower if start == lever.upper else lever.upper


def effect(key, *switches):
    """Return what turning a lever adds to its output by quarter."""
    entry = DECLARED[key]
    without = tuple(sorted((*beside(entry), *switches)))
    turn = tuple(sorted((*(pair for pair in without if pair[0] != key), (key, turned(key)))))
    return values(entry.moves, turn) - values(entry.moves, without)


def off(mechanism):
    """Return the change that switches a mechanism off."""
    return (f"model.{mechanism}", "off")


def test_there_are_levers_enough():
    assert len(LEVERS) >= 35


@pytest.mark.parametrize("key", LEVERS)
def test_a_lever_says_what_it_moves_and_through_what(key):
    entry = DECLARED[key]
    assert entry.moves, f"write `moves:`, a variable of configs/variables.yaml, beside {key}"
    assert f"model.{entry.mechanism}" in DECLARED, f"write `mechanism:`, a switch of configs/model.yaml, beside {key}"
    assert entry.moves.startswith(BELONGINGS[entry.mechanism]), "the output is not the mechanism's"
    assert not entry.moves.startswith(OWN_COST)
    for other, value in entry.beside.items():
        lower, upper = DECLARED[other].bounds
        assert lower <= value <= upper, other


@pytest.mark.parametrize("key", LEVERS)
def test_the_sources_of_a_lever_can_be_read_in_english(key):
    for name in DECLARED[key].source:
        source = DECLARED.sources[name]
        assert (source.title_en or source.title).isascii(), f"write title_en of {name}"


@pytest.mark.parametrize("key", LEVERS)
def test_a_lever_is_live(key):
    added = effect(key)
    assert (added[:4] == 0.0).all(), "nothing acts before 2022"
    assert (added != 0.0).any(), f"{DECLARED[key].moves} does not move when the lever is turned to {turned(key):g}"


@pytest.mark.parametrize("key", LEVERS)
def test_without_its_mechanism_a_lever_is_dead(key):
    assert (effect(key, off(DECLARED[key].mechanism)) == 0.0).all()


def test_at_its_declared_value_no_lever_changes_a_byte():
    """Paths and values are set to themselves, all together and through the scenario; the record is the same bytes."""
    itself = {}
    for key in LEVERS:
        for day, value in DECLARED[key].path():
            itself[f"{key}@{max(str(day), '2022-01-01')}"] = value
    same = Scenario.load("baseline", firms=ROWS, until=UNTIL, parameters="central", changes=itself)
    assert same.changes == ()
    moments = [prepare_run(scenario, 0).moments for scenario in (same, scenario_of(()))]
    for mine, theirs in zip(*moments, strict=True):
        assert mine.policy.tobytes() == theirs.policy.tobytes()
    assert not differing(run_replicate(same, build_world(same, 0), 0), record_of(()))


def test_a_dead_lever_is_found():
    """The yearly cost of a diagnosis moves public spending alone: as a lever of retrofits it would be refused."""
    key = "policy.free_diagnosis.cost"
    bound = DECLARED[key].bounds[1]
    assert not (values("Energy Saved|Retrofit", ((key, bound),)) - values("Energy Saved|Retrofit", ())).any()
    assert (values("Policy Cost|Government", ((key, bound),)) - values("Policy Cost|Government", ())).any()


@pytest.mark.parametrize("name", [key for key in DECLARED if key.startswith("model.")])
def test_a_mechanism_is_one_switch_and_the_books_close_without_it(name):
    record = record_of(((name, "off"),))
    assert not record.residuals.any()
