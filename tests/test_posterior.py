"""The posterior that lies with the project: that of its record, of today's model, and what runs draw from."""

import json
from types import SimpleNamespace

from experiments.calibrating.fingerprint import OUTDATED, fingerprint
from sim import Scenario
from sim.configuration.declarations import root_folder
from sim.configuration.posterior import posterior_digest, read_posterior

ROOT = root_folder()


def stored() -> SimpleNamespace:
    return SimpleNamespace(**json.loads((ROOT / "posterior.json").read_bytes()))


def test_the_stored_posterior_is_that_of_its_record():
    record, draws = stored(), read_posterior(ROOT)
    assert record.posterior_sha256 == posterior_digest(ROOT)
    assert len(draws) == record.effort["draws"]
    identified = [one["key"] for one in record.parameters if one["identified"]]
    assert [list(draw) for draw in draws] == [identified] * len(draws)
    assert not record.quick
    assert record.effort["recoveries"] >= 50


def test_the_stored_posterior_is_of_todays_model():
    assert stored().fingerprint == fingerprint(), OUTDATED


def test_runs_draw_from_the_posterior_unless_told_otherwise():
    scenario = Scenario.load("baseline")
    assert (scenario.parameters, scenario.notice) == ("posterior", "")
    key = next(iter(read_posterior(ROOT)[0]))
    group, field = key.split(".")
    drawn = getattr(getattr(scenario.tuples(3), group), field)
    assert drawn == read_posterior(ROOT)[3][key]
    prior = Scenario.load("baseline", parameters="prior")
    assert getattr(getattr(prior.tuples(3), group), field) != drawn
