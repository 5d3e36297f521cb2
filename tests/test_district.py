"""What lies outside the model meets 2021 as published, moves from 2022 on, and follows its lever."""

from types import SimpleNamespace

import numpy as np
import pytest

from sim.results import district as page
from sim.results.district import Modelled, district, facts, outside_flows, outside_stocks

QUARTERS = 20
CENTRAL = district(1, None)


def modelled(n: int = QUARTERS) -> Modelled:
    """Firms that make about what those of the district make, and never change."""
    same = np.ones(n)
    flows = (195.0 * same, 45.0 * same, 105.0 * same, 7_000.0 * same, 5_000.0 * same, 0.3 * same)
    return Modelled(760.0, *flows, 0.0 * same, 0.0 * same)


def policies(n: int = QUARTERS, **fields: float) -> list[SimpleNamespace]:
    return [SimpleNamespace(**{"circular_agriculture_coverage": 0.0, **fields}) for _ in range(n)]


def test_2021_is_what_the_plan_prints():
    model = modelled()
    flows, stocks = outside_flows(CENTRAL, model, policies()), outside_stocks(CENTRAL, model, policies())
    product = (model.added + flows.value_added)[:4].sum()
    assert (model.energy + flows.energy)[:4].sum() / product == pytest.approx(0.616)
    assert (model.water + flows.water)[:4].sum() / product == pytest.approx(28.56)
    assert (model.services + flows.services)[:4].sum() / product == pytest.approx(0.338)
    assert flows.non_fossil[:4].sum() / (model.energy + flows.energy)[:4].sum() == pytest.approx(0.22)
    clean = stocks.clean[3] + stocks.pv[3]
    assert clean / (clean + stocks.coal[3]) == pytest.approx(0.075)
    assert (stocks.pv[3], stocks.solid_waste[3], stocks.straw[3], stocks.manure[3]) == (6.0, 0.8965, 0.894, 0.9117)
    assert stocks.fertiliser[3] == facts()["fertiliser_per_mu"]


def test_programmes_of_others_start_in_2022():
    flows = outside_flows(CENTRAL, modelled(), policies())
    assert (flows.nox[:4] == 0.0).all()
    assert flows.cod[4:8].sum() == pytest.approx(CENTRAL.cod_projects)
    stocks = outside_stocks(CENTRAL, modelled(), policies())
    assert stocks.gas[-1] == pytest.approx(4 * CENTRAL.gas_project_rate)
    assert stocks.fertiliser[-1] == pytest.approx(16.06 * (1.0 - CENTRAL.fertiliser_fall) ** 4)


def test_a_lever_multiplies_the_step_from_its_date_on(monkeypatch):
    monkeypatch.setattr(page, "levers", lambda: {"gas_project_rate": "projects"})
    moved = policies(8, projects=1.0) + policies(12, projects=3.0)
    plain = outside_stocks(CENTRAL, modelled(), policies(projects=1.0)).gas
    found = outside_stocks(CENTRAL, modelled(), moved).gas
    assert (found[:8] == plain[:8]).all()
    assert found[-1] - found[7] == pytest.approx(3.0 * (plain[-1] - plain[7]))


def test_green_farming_needs_less_fertiliser():
    greener = modelled()._replace(green_farming=np.where(np.arange(QUARTERS) < 4, 0.3, 0.5))
    plain, found = (outside_stocks(CENTRAL, model, policies()) for model in (modelled(), greener))
    assert found.fertiliser[-1] / plain.fertiliser[-1] == pytest.approx(1.0 - 0.2 * CENTRAL.organic_input_cut)
    assert (found.fertiliser[:4] == plain.fertiliser[:4]).all()


def test_circular_farming_replaces_fertiliser_from_its_date_on():
    reached = policies(8) + policies(12, circular_agriculture_coverage=0.4)
    plain, found = (outside_stocks(CENTRAL, modelled(), one).fertiliser for one in (policies(), reached))
    assert (found[:8] == plain[:8]).all()
    assert found[-1] / plain[-1] == pytest.approx(1.0 - 0.4 * CENTRAL.farm_recycling_cut)


def test_power_of_new_plants_is_non_fossil():
    plain, built = modelled(), modelled()._replace(new_pv=np.full(QUARTERS, 100.0), new_clean=np.full(QUARTERS, 10.0))
    more = outside_flows(CENTRAL, built, policies()).non_fossil - outside_flows(CENTRAL, plain, policies()).non_fossil
    hours = 100.0 * CENTRAL.pv_hours + 10.0 * CENTRAL.clean_hours
    assert more[-4:].sum() == pytest.approx(hours * CENTRAL.power_substitution / 1e4)


def test_a_run_shorter_than_a_year_is_told_as_well():
    flows = outside_flows(CENTRAL, modelled(2), policies(2))
    assert all(np.isfinite(flow).all() for flow in flows)
