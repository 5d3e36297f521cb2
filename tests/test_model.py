"""The Mesa face: the numbers of `simulate`, the manners of a Mesa model, and nothing that lingers."""

import gc
import inspect
import subprocess
import sys
import weakref

import mesa
import networkx
import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from sim import Jiangjin, Scenario, simulate
from sim.model import Firm
from sim.views import FirmView

FIRMS = 300
UNTIL = "2022Q4"
WARNINGS_ARE_ERRORS = pytest.mark.filterwarnings("error::FutureWarning", "error::DeprecationWarning:sim")
pytestmark = WARNINGS_ARE_ERRORS


def small(**inputs) -> Jiangjin:
    return Jiangjin(**{"scenario": "plan", "firms": FIRMS, "until": UNTIL, "parameters": "prior", "seed": 3} | inputs)


@pytest.fixture(scope="module")
def finished() -> Jiangjin:
    model = small(agent_reporters={"output": "output", "sector": "sector"})
    model.run_model()
    return model


@pytest.fixture(scope="module")
def ensemble():
    scenario = Scenario.load("plan", firms=FIRMS, until=UNTIL, parameters="prior", seed=3)
    return simulate(scenario, replicates=2, populations=2, micro=0)


def of_replicate(table: pd.DataFrame, replicate: int) -> pd.DataFrame:
    return table[table["replicate"] == replicate].reset_index(drop=True)


def values(table: pd.DataFrame, variable: str) -> np.ndarray:
    return table[table["variable"] == variable]["value"].to_numpy()


# The same numbers


def test_a_model_tells_what_simulate_tells(finished, ensemble):
    pd.testing.assert_frame_equal(finished.quarters, of_replicate(ensemble.quarters, 0))
    pd.testing.assert_frame_equal(finished.years, of_replicate(ensemble.years, 0))


def test_a_replicate_meets_the_population_and_the_draw_that_simulate_gives_it(ensemble):
    model = small(replicate=1)
    model.run_model()
    pd.testing.assert_frame_equal(model.years, of_replicate(ensemble.years, 1))


def test_results_can_be_read_while_the_run_goes_on(ensemble):
    model, whole = small(), of_replicate(ensemble.quarters, 0)
    assert model.quarters.empty
    while model.running:
        model.step()
        told = model.quarters
        assert told["period"].nunique() == model.steps
        if model.steps >= 4:  # what is set by the facts of 2021 waits for its end
            first = whole[whole["period"].isin(told["period"].unique())].reset_index(drop=True)
            pd.testing.assert_frame_equal(told, first)
        if model.steps == 6:
            assert model.years["period"].unique().tolist() == [2021]


def test_the_collector_agrees_with_the_variables(finished):
    collected = finished.datacollector.get_model_vars_dataframe()
    assert collected["quarter"].tolist() == finished.quarters["period"].unique().tolist()
    for name, variable in {
        "output": "Output",
        "value_added": "Value Added",
        "public_spending": "Policy Cost|Government",
        "n_firms": "Firms|Active",
    }.items():
        np.testing.assert_allclose(collected[name], values(finished.quarters, variable), rtol=1e-12)
    revenue = values(finished.quarters, "Revenue|Green Industry")
    assert collected["green_revenue"][:3].isna().all()
    np.testing.assert_allclose(collected["green_revenue"][3:], revenue[3:], rtol=1e-12)
    assert (collected["emissions"] >= values(finished.quarters, "Emissions|CO2|Industry") - 1e-9).all()
    assert collected["options_in_use"].is_monotonic_increasing


def test_firms_agree_with_the_table_of_firms(finished, ensemble):
    last = ensemble.firms[ensemble.firms["year"] == 2022].set_index("firm")
    assert len(finished.agents) == last["active"].sum()
    for firm in finished.agents:
        row = last.loc[firm.unique_id]
        told = (firm.sector, firm.park, firm.size, firm.product, firm.weight, firm.reason, ";".join(firm.adopted))
        assert told == tuple(row[["sector", "park", "size", "product", "weight", "reason", "options"]])
        assert ";".join(firm.certificates) == row["certificates"]
        assert (firm.cash, firm.debt, firm.green_debt, firm.capital) == tuple(
            row[["cash", "debt", "green_debt", "capital"]]
        )


def test_firms_add_up_to_the_district():
    model = small()
    while model.running:
        before = set(model.agents)
        model.step()
        made = before | set(model.agents)  # those that left made something before they went
        assert sum(firm.value_added for firm in made) * 4.0 / 1e4 == pytest.approx(model.value_added, rel=1e-9)
        assert sum(firm.emissions for firm in made) * 4.0 / 1e4 == pytest.approx(model.emissions, rel=1e-9)
        assert sum(firm.ledger["sales_local"] + firm.ledger["materials_local"] for firm in made) == pytest.approx(
            0.0, abs=1e-6
        )
        assert sum(bank.loans for bank in model.banks) == pytest.approx(model.agents.agg("debt", sum), rel=1e-12)
    assert set(model.agents) < made


# The manners of a Mesa model


def test_it_steps_until_the_last_quarter():
    model = small(until="2021Q2")
    assert isinstance(model, mesa.Model)
    assert (model.quarter, model.steps, model.running) == ("2020Q4", 0, True)
    model.step()
    assert (model.quarter, model.steps, model.running) == ("2021Q1", 1, True)
    model.step()
    assert (model.quarter, model.running) == ("2021Q2", False)
    with pytest.raises(RuntimeError, match="2021Q2"):
        model.step()


def test_who_comes_appears_and_who_leaves_disappears():
    model = small(until="2023Q4", **{"policy.investment_attraction.multiplier": 3.0})
    before, seen = set(model.agents), []
    while model.running:
        model.step()
        seen.append({firm.unique_id for firm in model.agents})
        assert seen[-1] == set(model.world.firms.firm[model.state.standing.active].tolist())
    assert all(firm.entrant for firm in set(model.agents) - before)
    gone = before - set(model.agents)
    assert set(model.agents) - before
    assert gone
    assert not any(firm.active for firm in gone)
    with pytest.raises(KeyError):
        model.firm(gone.pop().unique_id)


def test_agents_are_selected_grouped_and_summed(finished):
    in_degan = finished.agents.select(lambda firm: firm.park == "degan")
    assert 0 < len(in_degan) < len(finished.agents)
    assert finished.agents_by_type == {Firm: finished.agents}
    by_park = finished.agents.groupby("park").agg("output", sum)
    assert by_park["degan"] == in_degan.agg("output", sum)
    assert sum(by_park.values()) == pytest.approx(finished.agents.agg("output", sum))


def test_agent_reporters_collect_every_quarter(finished):
    collected = finished.datacollector.get_agent_vars_dataframe()
    assert len(collected.index.unique(level="Step")) == finished.inputs.quarters
    last = collected.xs(finished.inputs.quarters, level="Step")
    assert last["output"].to_dict() == {firm.unique_id: firm.output for firm in finished.agents}


def test_nobody_pays_for_agents_that_nobody_asks_for(monkeypatch):
    def refuse(self, *inputs):
        raise AssertionError("a view was made")

    monkeypatch.setattr(Firm, "__init__", refuse)
    small(until="2021Q4").run_model()


def test_a_batch_run_sweeps_levers_and_replicates():
    parameters = {"scenario": "plan", "firms": FIRMS, "until": "2022Q1", "replicate": [0, 1]}
    prices = {"policy.carbon_price.price": [60.0, 200.0]}
    rows = pd.DataFrame(mesa.batch_run(Jiangjin, parameters | prices, display_progress=False))
    assert len(rows) == 4
    assert set(rows["quarter"]) == {"2022Q1"}
    assert rows["green_revenue"].notna().all()
    assert rows["output"].nunique() >= 2


def test_a_view_can_be_let_go_and_comes_back():
    model = small(until="2021Q2")
    firm = model.agents.select(at_most=1).get("firm")[0]
    view = model.firm(firm)
    view.remove()
    assert view not in model.agents
    model.step()
    assert model.firm(firm) is not view


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"seed": 1, "rng": 2}, "not both"),
        ({"replicate": -1}, "replicate"),
        ({"population": 0.5}, "population"),
        ({"frims": 3}, "frims"),
        ({"policy.carbon_price.price": -1.0}, "carbon_price"),
    ],
)
def test_a_mistake_is_told_in_the_words_of_the_command_line(inputs, words):
    with pytest.raises(ValueError, match=words):
        Jiangjin(**{"firms": FIRMS} | inputs)


@pytest.mark.parametrize("seed", [{"seed": 1}, {"rng": 1}, {"seed": None}, {"rng": None}, {}])
def test_mesa_may_call_the_seed_what_it_likes(seed):
    assert Jiangjin(firms=FIRMS, until="2021Q1", **seed).inputs.seed == 1


def test_what_mesa_calls_a_scenario_is_left_alone():
    # The page of Mesa 3.5 builds the model anew with the scenario that it finds on the old one, if there is any.
    assert not Jiangjin("plan", firms=FIRMS, until="2021Q1").scenario


# Firms


def test_every_attribute_says_what_it_is_and_can_only_be_read(finished):
    firm = next(iter(finished.agents))
    attributes = {name: one for name, one in vars(FirmView).items() if isinstance(one, property)}
    assert len(attributes) > 40
    for name, attribute in attributes.items():
        assert attribute.__doc__, name
        assert getattr(firm, name) is not None, name
        with pytest.raises(AttributeError):
            setattr(firm, name, 0)
    assert all(inspect.getdoc(one) for _, one in inspect.getmembers(Jiangjin) if isinstance(one, property))


def test_partners_are_those_of_the_links(finished):
    graph = finished.supply_graph()
    assert isinstance(graph, networkx.DiGraph)
    assert set(graph) == {firm.unique_id for firm in finished.agents}
    for firm in finished.agents:
        assert {one.unique_id for one in firm.suppliers()} == set(graph.predecessors(firm.unique_id))
        assert {one.unique_id for one in firm.customers()} == set(graph.successors(firm.unique_id))
    spent = sum(share for _, _, share in graph.edges(data="purchase_share"))
    assert 0.0 < spent < len(graph)


def test_symbiosis_partners_are_those_of_the_graph(finished):
    graph = finished.symbiosis_graph()
    assert graph.number_of_edges() > 0
    linked = {firm.unique_id: {one.unique_id for one in firm.symbiosis_partners()} for firm in finished.agents}
    assert {firm for firm, partners in linked.items() if partners} == set(graph)
    for firm in graph:
        assert linked[firm] == {*graph.predecessors(firm), *graph.successors(firm)}


def test_why_tells_the_decision_of_the_quarter(finished):
    decisions = {firm.unique_id: firm.why() for firm in finished.agents}
    assert {decision.quarter for decision in decisions.values()} == {UNTIL}
    assert {decision.reason for decision in decisions.values()} > {"none", "unaware", "cutoff"}
    started = {number: decision for number, decision in decisions.items() if decision.started}
    assert started
    for number, decision in started.items():
        firm = finished.firm(number)
        assert decision.option in firm.building + firm.adopted
        assert firm.ledger["retrofit_capex"] == pytest.approx(-decision.capex) or firm.ledger["retrofit_capex"] == 0.0
        assert f"{decision.option} started" in str(decision)


# Nothing lingers


def test_finished_models_are_let_go():
    alive = []
    for replicate in range(3):
        model = small(until="2021Q2", replicate=replicate, agent_reporters={"output": "output"})
        model.run_model()
        next(iter(model.agents)).suppliers()
        alive.append(weakref.ref(model))
        del model
    gc.collect()
    assert [one() for one in alive] == [None] * 3


def test_a_run_never_waits_for_mesa():
    code = (
        "import sys; from sim import Scenario, simulate;"
        f"s = Scenario.load('baseline', firms={FIRMS}, until='2021Q1', parameters='prior'); simulate(s, 1);"
        "assert 'mesa' not in sys.modules and 'networkx' not in sys.modules;"
        "from sim import Jiangjin; assert 'mesa' in sys.modules and 'solara' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
