"""Scenarios say what differs; nothing that they change acts before 2022, and no change changes no bit."""

import datetime
import pickle

import pytest
import tiny_configs
from hypothesis import given
from hypothesis import strategies as st
from tiny_configs import FILES, write_tree

from sim.configuration.parameters import PARAMETER_GROUPS, ConfigError, load_declarations
from sim.configuration.periods import day_of, first_day, quarter_index, quarter_name, quarter_of
from sim.configuration.scenario_files import scenario_names, scenario_problems
from sim.results.provenance import posterior_record
from sim.scenario import NO_POSTERIOR, Change, Scenario, levers


@pytest.fixture
def root(tmp_path, monkeypatch):
    tiny_configs.use_tiny_groups(monkeypatch)
    return write_tree(tmp_path)


def told(**arguments) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        Scenario.load(**arguments)
    return [problem.sentence() for problem in caught.value.problems]


def test_quarters_are_counted_from_2021():
    assert [quarter_name(q) for q in (0, 3, 4, 59)] == ["2021Q1", "2021Q4", "2022Q1", "2035Q4"]
    assert all(quarter_index(quarter_name(q)) == q == quarter_of(first_day(q)) for q in range(-8, 80))
    assert day_of("2022Q3") == datetime.date(2022, 7, 1) == day_of("2022-07-01")


def test_a_scenario_holds_the_differences_of_its_file(root):
    scenario = Scenario.load("plan", root=root)
    assert scenario.changes == (
        Change("policy.grant.open", datetime.date(2022, 1, 1), 1.0),
        Change("policy.grant.share", datetime.date(2022, 1, 1), 0.1),
        Change("policy.grant.share", datetime.date(2024, 1, 1), 0.12),
    )
    assert scenario.quarters == 20
    shares = [policy.grant_share for policy in scenario.tuples().policies]
    assert shares == [0.06] * 4 + [0.1] * 8 + [0.12] * 8


def test_the_user_replaces_the_path_from_the_day_on(root):
    later = Scenario.load("plan", changes={"policy.grant.share@2023-01-01": 0.2}, root=root)
    assert [policy.grant_share for policy in later.tuples().policies] == [0.06] * 4 + [0.1] * 4 + [0.2] * 12
    at_once = Scenario.load("plan", changes={"policy.grant.share": "0.3"}, root=root)
    assert [policy.grant_share for policy in at_once.tuples().policies] == [0.06] * 4 + [0.3] * 16


def test_a_value_on_a_dated_path_replaces_the_path_from_then_on(root):
    changes = {"policy.carbon_price.price": 80}
    prices = [p.carbon_price_price for p in Scenario.load(changes=changes, root=root).tuples().policies]
    assert prices == [24.0, 24.0, 36.0, 36.0] + [80.0] * 16


def test_a_day_within_a_quarter_acts_from_the_next_quarter(root):
    policies = Scenario.load(changes={"policy.grant.share@2023-02-01": 0.2}, root=root).tuples().policies
    assert [policies[q].grant_share for q in (8, 9)] == [0.06, 0.2]


@given(
    quarter=st.integers(4, 19),
    value=st.floats(0.0, 0.5),
    key=st.sampled_from(["policy.grant.share", "policy.carbon_price.price", "price.coal_price"]),
    draw=st.one_of(st.none(), st.integers(0, 50)),
)
def test_nothing_changes_before_its_date(quarter, value, key, draw, tmp_path_factory):
    with pytest.MonkeyPatch.context() as monkeypatch:
        tiny_configs.use_tiny_groups(monkeypatch)
        root = write_tree(tmp_path_factory.getbasetemp() / "dates")
        plain = Scenario.load(root=root).tuples(draw)
        moved = Scenario.load(changes={f"{key}@{quarter_name(quarter)}": value}, root=root).tuples(draw)
    assert moved.policies[:quarter] == plain.policies[:quarter]
    assert moved.prices[:quarter] == plain.prices[:quarter]
    field = key.replace(".", "_").removeprefix("policy_")
    after = moved.prices if key.startswith("price.") else moved.policies
    assert {getattr(row, field.removeprefix("price_")) for row in after[quarter:]} == {value}
    assert moved._replace(policies=[], prices=[]) == plain._replace(policies=[], prices=[])


@pytest.mark.parametrize("draw", [None, 0, 7])
def test_a_change_to_the_value_that_holds_anyway_changes_nothing(root, draw):
    baseline = Scenario.load(root=root)
    for key, entry in load_declarations(root).items():
        value = entry.value_at(datetime.date(2022, 1, 1))
        same = Scenario.load(changes={key: entry.written(value)}, root=root)
        assert same.changes == ()
        assert same.digest() == baseline.digest()
        assert same.tuples(draw) == baseline.tuples(draw)


def test_steps_that_change_nothing_are_left_out_at_the_beginning(root):
    scenario = Scenario.load(changes={"policy.grant.share": {"2022-01-01": 0.06, "2024Q1": 0.1}}, root=root)
    assert scenario.changes == (Change("policy.grant.share", datetime.date(2024, 1, 1), 0.1),)


def test_later_facts_are_used_only_when_asked_for(root):
    known = Scenario.load(root=root).tuples()
    actual = Scenario.load(root=root, information="conditional").tuples()
    assert [price.coal_price for price in known.prices[:9]] == [600.0] * 2 + [900.0] * 7
    assert [price.coal_price for price in actual.prices[:9]] == [600.0] * 2 + [900.0] * 3 + [1100.0] * 3 + [1000.0]


def test_structural_changes_hold_for_the_whole_run_and_take_no_date(root):
    changed = Scenario.load(changes={"model.peers": "off", "behaviour.peer_weight": 2}, root=root)
    assert changed.tuples().mechanisms.peers == 0.0
    assert changed.tuples().behaviour.peer_weight == 2.0
    assert changed.changes == (Change("behaviour.peer_weight", None, 2.0), Change("model.peers", None, 0.0))
    assert Scenario.load(changes={"model.peers": False}, root=root).changes == changed.changes[1:]
    sentences = told(changes={"behaviour.peer_weight@2023-01-01": 2}, root=root)
    assert sentences == [
        (
            "changes: behaviour.peer_weight@2023-01-01: found a date; allowed: no date: a change of behaviour.* is "
            "structural and holds for the whole run."
        )
    ]


@pytest.mark.kernels
def test_draws_stay_in_their_range_share_luck_and_come_again(root):
    scenario = Scenario.load(root=root, parameters="prior")
    draws = [scenario.tuples(r) for r in range(200)]
    attention = [draw.behaviour.base_attention for draw in draws]
    assert all(0.1 <= value <= 0.2 for value in attention)
    assert len(set(attention)) == 200
    assert abs(sum(attention) / 200 - 0.15) < 0.005
    assert [draw.behaviour.peer_weight for draw in draws] == [1.0] * 200
    for draw in draws:  # one uniform for both: a triangle twenty times as wide
        assert draw.behaviour.shared_luck - 1.0 == pytest.approx((draw.behaviour.base_attention - 0.1) * 10.0)
    multipliers = [draw.prices[19].coal_price / 900.0 for draw in draws]
    assert min(multipliers) >= 0.8
    assert max(multipliers) <= 1.3
    assert all(d.prices[0].coal_price == pytest.approx(600.0 * m) for d, m in zip(draws, multipliers, strict=True))
    assert scenario.tuples(3) == draws[3]
    assert Scenario.load(root=root, seed=2).tuples(3) != draws[3]


def test_what_is_set_is_fixed_in_every_draw_and_the_rest_keeps_its_luck(root):
    plain, moved = Scenario.load(root=root), Scenario.load(changes={"behaviour.base_attention": 0.4}, root=root)
    for r in range(5):
        assert moved.tuples(r).behaviour.base_attention == 0.4
        assert moved.tuples(r).behaviour.shared_luck == plain.tuples(r).behaviour.shared_luck
        assert moved.tuples(r).prices == plain.tuples(r).prices


def test_central_parameters_do_not_vary(root):
    scenario = Scenario.load(root=root, parameters="central")
    assert scenario.tuples(5) == scenario.tuples(None) == Scenario.load(root=root).tuples(None)


def test_every_field_is_a_float(root):
    parameters = Scenario.load("plan", root=root).tuples(1)
    groups = [*parameters[:9], *parameters.prices, *parameters.policies]
    assert {type(value) for group in groups for value in group} == {float}


def test_without_a_posterior_the_priors_are_drawn_and_it_is_said(root):
    scenario = Scenario.load(root=root)
    assert (scenario.parameters, scenario.notice) == ("prior", NO_POSTERIOR)
    assert Scenario.load(root=root, parameters="prior").notice == ""
    assert Scenario.load(root=root, parameters="prior").digest() == scenario.digest()


def test_a_posterior_replaces_the_priors_it_estimates(root):
    (root / "posterior.csv").write_text("behaviour.base_attention,price.coal_price\n0.11,1.0\n0.19,1.1\n")
    scenario = Scenario.load(root=root)
    assert (scenario.parameters, scenario.notice) == ("posterior", "")
    assert [scenario.tuples(r).behaviour.base_attention for r in range(4)] == [0.11, 0.19, 0.11, 0.19]
    assert scenario.tuples(1).prices[4].coal_price == pytest.approx(990.0)
    prior = Scenario.load(root=root, parameters="prior")
    assert scenario.tuples(1).behaviour.shared_luck == prior.tuples(1).behaviour.shared_luck


def test_results_name_the_posterior_that_they_are_drawn_from(root):
    (root / "posterior.csv").write_text("behaviour.base_attention\n0.11\n0.19\n")
    drawn, prior = (Scenario.load(root=root, parameters=source) for source in ("posterior", "prior"))
    told = posterior_record(drawn)
    assert told["draws"] == 2
    assert posterior_record(prior) == {}
    (root / "posterior.csv").write_text("behaviour.base_attention\n0.11\n0.18\n")
    assert posterior_record(drawn)["sha256"] != told["sha256"]


def test_a_wrong_posterior_is_told(root):
    (root / "posterior.csv").write_text("behaviour.base_atention\n0.11\n")
    with pytest.raises(ConfigError, match=r"Did you mean behaviour\.base_attention\?"):
        Scenario.load(root=root).tuples(0)
    (root / "posterior.csv").write_text("behaviour.base_attention\n7\nx\n0.1,2\n")
    with pytest.raises(ConfigError) as caught:
        Scenario.load(root=root).tuples(0)
    assert [problem.line for problem in caught.value.problems] == [2, 3, 4]


def test_all_wrong_inputs_are_told_at_once(root):
    sentences = told(
        name="paln",
        firms=0,
        until="2025",
        seed=-1,
        information="as_of_2012",
        parameters="posteriors",
        changes={"policy.carbon_prise.price": 80, "policy.grant.share": 6, "policy.grant.open": "maybe"},
        root=root,
    )
    assert sentences == [
        (
            "changes: policy.carbon_prise.price: found an unknown key; "
            "allowed: a declared key (`lvjin list parameters`). Did you mean policy.carbon_price.price?"
        ),
        "changes: policy.grant.share: found 6 share; allowed: 0 to 0.5. Was it meant in per cent? Write 0.06.",
        "changes: policy.grant.open: found 'maybe'; allowed: on or off (unit switch).",
        "firms: found 0; allowed: a whole number from 1 to 2,000,000.",
        "information: found 'as_of_2012'; allowed: as_of_2021 or conditional. Did you mean as_of_2021?",
        "parameters: found 'posteriors'; allowed: posterior, prior or central. Did you mean posterior?",
        "scenario: found 'paln'; allowed: baseline or plan, or the path of a .yaml file. Did you mean plan?",
        "seed: found -1; allowed: a whole number from 0 to 9,223,372,036,854,775,807.",
        "until: found '2025'; allowed: 2021Q1 to 2035Q4. Write 2025Q4.",
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"policy.grant.share@2021-06-01": 0.1}, "found the date 2021-06-01; allowed: 2022-01-01 or later."),
        ({"policy.grant.share@soon": 0.1}, "found the date 'soon'; allowed: a date such as 2022-07-01 or 2022Q3"),
        ({"policy.grant.share": {"2022-13-01": 0.1}}, "found the date '2022-13-01'"),
        ({"policy.grant.share": float("nan")}, "found nan; allowed: a number (unit share)"),
        ({"policy.grant.share": "1e999"}, "found '1e999'; allowed: a number"),
        ({"policy.grant.share": True}, "found True; allowed: a number"),
        ({"policy.grant.share": None}, "found None; allowed: a number"),
        ({"policy.grant.share": [0.1]}, "found [0.1]; allowed: a number"),
        ({"policy.grant.share": "0x1"}, "found '0x1'"),
        ({"policy.grant.share": "1_0"}, "found '1_0'"),
        ({"policy.grant.deadline": "2025"}, "allowed: a day such as 2025-12-31"),
        ({"policy.grant.share": 0.1, "policy.grant.share@2022-01-01": 0.2}, "a second value for policy.grant.share"),
        ({"model.peers": 2}, "found 2; allowed: on or off"),
        ({3: 2}, "found an unknown key"),
    ],
)
def test_a_wrong_change_is_told(root, changes, sentence):
    assert sentence in told(changes=changes, root=root)[0]


@pytest.mark.parametrize("firms", [2_000_001, 10**9, 5000.0, "5000", True, None])
def test_the_number_of_firms_is_a_whole_number_within_reason(root, firms):
    assert "a whole number from 1 to 2,000,000" in told(firms=firms, root=root)[0]


@pytest.mark.parametrize("until", ["2020Q4", "2036Q1", "2025Q5", "", None, 2025, "2025q4"])
def test_the_last_quarter_lies_within_the_horizon(root, until):
    assert "2021Q1 to 2035Q4" in told(until=until, root=root)[0]


def test_a_deadline_is_a_quarter(root):
    policies = Scenario.load(changes={"policy.grant.deadline": "2024-05-01"}, root=root).tuples().policies
    assert [policies[q].grant_deadline for q in (3, 4)] == [19.0, 13.0]


def test_the_digest_follows_meaning_only(root, tmp_path):
    digest = Scenario.load("plan", root=root).digest()
    written = (
        "# the plan\nchanges:\n  policy.grant.open: on  # from the start\n  policy.grant.share:\n"
        "    2022-01-01: 0.10\n    2024-01-01: 0.12\nsentence_en: Other words.\nsentence_zh: 规划。\n"
        "name_en: Plan\nname_zh: 规划\n"
    )
    copy = tmp_path / "plan.yaml"
    copy.write_text(written, encoding="utf-8")
    assert Scenario.load(str(copy), root=root).digest() == digest
    copy.write_text(written.replace("0.12", "0.13"), encoding="utf-8")
    others = [
        Scenario.load(str(copy), root=root),
        Scenario.load("plan", root=root, firms=4999),
        Scenario.load("plan", root=root, seed=2),
        Scenario.load("plan", root=root, until="2026Q1"),
        Scenario.load("plan", root=root, information="conditional"),
        Scenario.load("plan", root=root, parameters="central"),
        Scenario.load("plan", root=root, changes={"model.peers": "off"}),
    ]
    assert len({digest, *(other.digest() for other in others)}) == 8


def test_a_scenario_is_frozen_and_travels_to_other_processes(root):
    scenario = Scenario.load("plan", root=root)
    with pytest.raises(AttributeError):
        scenario.firms = 3  # type: ignore[misc]
    twin = pickle.loads(pickle.dumps(scenario))
    assert twin == scenario
    assert twin.tuples(2) == scenario.tuples(2)
    assert hash(twin) == hash(scenario)


def test_levers_tell_where_they_stand(root):
    declared = {lever.key: lever for lever in levers(root)}
    assert list(declared) == [
        "policy.carbon_price.multiplier",
        "policy.carbon_price.price",
        "policy.grant.open",
        "policy.grant.share",
    ]
    price = declared["policy.carbon_price.price"]
    assert (price.value, price.lower, price.upper, price.unit) == (36.0, 0.0, 2000.0, "元/t")
    assert (price.name_zh, price.source, price.plan_section) == ("碳价", ("law",), "7.2")
    assert price.date == datetime.date(2021, 7, 1)
    assert declared["policy.grant.share"].date is None
    planned = {lever.key: lever for lever in Scenario.load("plan", root=root).levers()}
    assert (planned["policy.grant.share"].value, planned["policy.grant.share"].date) == (0.1, datetime.date(2022, 1, 1))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("policy.grant.open: on", "policy.grant.opn: on", "configs/scenarios/plan.yaml:7: policy.grant.opn: found an"),
        ("{2022-01-01: 0.1", "{2021-01-01: 0.1", ":6: policy.grant.share: found the date 2021-01-01"),
        ("policy.grant.open: on", "policy.grant.open: yes", ":7: changes.policy.grant.open: found 'yes'"),
        ("policy.grant.open: on", "policy.grant.open:", "found None; allowed: a value or {2022-01-01: value, …}"),
        ("name_zh", "nam_zh", "Did you mean name_zh?"),
        ("changes:", "source: [papr]\nchanges:", "Did you mean paper?"),
        ("changes:", "- x", "found no YAML"),
    ],
)
def test_mistakes_of_a_scenario_file_have_their_line(tmp_path, monkeypatch, old, new, sentence):
    text = FILES["scenarios/plan.yaml"]
    assert old in text
    root = write_tree(tmp_path, scenarios__plan=text.replace(old, new, 1))
    sentences = told(name="plan", root=root)
    assert any(sentence in line for line in sentences), sentences


def test_a_missing_scenario_file_is_told(root):
    assert "no readable file (No such file or directory)" in told(name="nowhere.yaml", root=root)[0]


def test_the_error_is_a_value_error_and_survives_pickling(root):
    with pytest.raises(ValueError, match="found 0; allowed") as caught:
        Scenario.load(firms=0, root=root)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


# The configuration of this project: what must hold of it in every commit that lands.


def test_every_scenario_of_the_project_is_correct():
    declarations = load_declarations()
    names = scenario_names()
    assert {"baseline", "none", "plan"} <= set(names)
    for name in names:
        path = declarations.root / "scenarios" / f"{name}.yaml"
        assert [problem.sentence() for problem in scenario_problems(path, declarations)] == []


def test_the_baseline_differs_in_nothing():
    assert Scenario.load("baseline").changes == ()


def test_every_lever_of_the_project_at_its_value_changes_nothing():
    baseline = Scenario.load("baseline")
    for lever in levers():
        entry = baseline.declarations[lever.key]
        if len({value for day, value in entry.path() if day >= datetime.date(2022, 1, 1)}) == 0:
            assert Scenario.load("baseline", changes={lever.key: lever.value}) == baseline
        assert lever.lower <= lever.value <= lever.upper


def test_the_parameters_of_every_scenario_can_be_drawn():
    for name in scenario_names():
        parameters = Scenario.load(name).tuples(0)
        assert len(parameters.prices) == len(parameters.policies) == 20
        assert isinstance(parameters.behaviour, PARAMETER_GROUPS["behaviour"])
