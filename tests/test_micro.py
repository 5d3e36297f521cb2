"""What is told of single firms adds up to what is told of all, event by event and label by label."""

from fnmatch import fnmatch

import numpy as np
import pytest
import recomputed
import small_runs
from random_worlds import with_policy

from agents import codes
from sim.configuration.parameters import load_declarations
from sim.configuration.tables import load_table
from sim.results.integrity import IntegrityError
from sim.results.microdata import Collector
from sim.results.variable_list import load_variables
from sim.run import prepare_run, step_replicate
from sim.world import build_world

ENERGY_CONTENT = load_declarations()["factor.energy_content"].value


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return small_runs.both().save(tmp_path_factory.mktemp("micro") / "bundle")


def told_of(folder, scenario, replicate):
    """Values of years.csv by variable, in the order of years."""
    years = recomputed.read(folder, "years")
    years = years[(years["scenario"] == scenario) & (years["replicate"] == replicate)].sort_values("period")
    return {name: rows["value"].to_numpy() for name, rows in years.groupby("variable")}


@pytest.mark.parametrize("scenario", ["baseline", "plan"])
def test_aggregates_are_added_up_again_from_the_rows_of_the_files(folder, scenario):
    replicate, found = recomputed.recomputed(folder, scenario, ENERGY_CONTENT)
    told = told_of(folder, scenario, replicate)
    assert set(told) == set(found)
    astray = [name for name in told if not recomputed.beyond(name) and not (told[name] == found[name]).all()]
    assert astray == []
    assert sum(not recomputed.beyond(name) and told[name].any() for name in told) > 150


def test_only_variables_that_there_are_lie_beyond_the_rows_and_for_a_reason(folder):
    names = [variable.name for variable in load_variables()]
    for row in load_table("beyond_micro").itertuples():
        assert any(fnmatch(name, row.variables) for name in names), row.variables
    _, found = recomputed.recomputed(folder, "plan", ENERGY_CONTENT)
    told = told_of(folder, "plan", 0)
    same = [name for name in told if recomputed.beyond(name) and (told[name] == found[name]).all() and told[name].any()]
    assert same == [], "these follow from the rows: take them off the list"


def test_a_row_that_is_lost_is_found_out(folder, tmp_path):
    for name in ("firms", "events", "alignment"):
        (tmp_path / f"{name}.csv").write_bytes((folder / f"{name}.csv").read_bytes())
    lines = (tmp_path / "firms.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "firms.csv").write_text("".join(lines[:1] + lines[2:]), encoding="utf-8")
    scenario = lines[1].split(",")[0]
    _, whole = recomputed.recomputed(folder, scenario, ENERGY_CONTENT)
    _, short = recomputed.recomputed(tmp_path, scenario, ENERGY_CONTENT)
    assert whole["Output"][0] > short["Output"][0]


def test_the_story_of_a_project_is_whole(folder):
    events = recomputed.read(folder, "events")
    events["order"] = np.arange(len(events))
    projects = events[~events["project"].isin(("", "conversion", "expansion"))]
    key = ["scenario", "firm", "project"]
    started = projects[projects["kind"] == "started"]
    assert not started.duplicated(key).any(), "an option is taken up once"
    done = projects[projects["kind"] == "completed"].merge(started, on=key, suffixes=("", "_start"), how="left")
    assert (done["order"] > done["order_start"]).all()
    granted = events[events["kind"] == "granted"].merge(
        events[events["kind"] == "applied"],
        on=["scenario", "firm", "period", "project", "programme"],
        suffixes=("", "_asked"),
    )
    assert len(granted) == (events["kind"] == "granted").sum()
    assert (granted["amount"] == granted["amount_asked"]).all()


def test_labels_belong_to_their_events(folder):
    events = recomputed.read(folder, "events")
    labelled = events["kind"].isin(("applied", "refused", "granted"))
    assert (events["label"] != "").equals(labelled)
    assert (events["money"] != "").equals(events["kind"].isin(("started", "borrowed")))
    assert set(events[events["kind"] == "unfunded"]["reason"]) <= {"cash", "credit_refused"}
    assert set(events[labelled]["label"]) <= {"always", "accelerated", "induced"}


def test_both_partners_of_a_link_tell_of_it(folder):
    """What a link of by_product_links.csv says of its beginning is told as an event of giver and taker."""
    events = recomputed.read(folder, "events")
    linked = events["kind"].isin(("linked", "unlinked"))
    assert (events["stream"] != "").equals(linked)
    assert (events["partner"] != "").equals(linked | (events["kind"] == "switched"))
    key = ["scenario", "period", "kind", "stream"]
    told = events[linked].astype({"partner": "int64"})
    ends, other_ends = (
        sorted(map(tuple, told[[*key, *ends]].to_numpy())) for ends in (("firm", "partner"), ("partner", "firm"))
    )
    assert ends
    assert ends == other_ends
    links = recomputed.read(folder, "by_product_links").query("since > '2020Q4'")
    assert len(links)
    begun = {
        tuple(row)
        for row in told[told["kind"] == "linked"][["scenario", "period", "stream", "firm", "partner"]].to_numpy()
    }
    columns = ["scenario", "since", "stream", "giver", "taker"]
    assert {tuple(row) for row in links[columns].to_numpy()} <= begun


GENEROUS = {"retrofit_grant_share": 0.6, "retrofit_grant_cap": 1e5, "retrofit_grant_threshold": 0.0}
GENEROUS |= {"digital_grant_share": 0.6, "digital_grant_cap": 1e5, "digital_grant_threshold": 0.0}
GENEROUS |= {"retrofit_grant_purse": 1e6, "digital_grant_purse": 1e6}
NOTHING = {"retrofit_grant_share": 0.0, "digital_grant_share": 0.0, "pv_grant_rate": 0.0, "conversion_grant_share": 0.0}


def test_a_free_rider_goes_ahead_without_its_grant_and_an_induced_firm_does_not():
    """The twin has no grants in 2022Q1 and the same state before: whoever starts there all the same rides free."""
    scenario = small_runs.scenario("plan", until="2022Q1")
    world, run = build_world(scenario, 0), prepare_run(scenario, 0)
    granted = events_of(world, with_policy(run, 4, **GENEROUS)).query("kind == 'granted' and project != 'conversion'")
    alone = events_of(world, with_policy(run, 4, **NOTHING)).query("kind == 'started'")
    started = set(zip(alone["firm"], alone["project"], strict=True))
    assert {"always", "induced"} <= set(granted["label"])
    for row in granted.itertuples():
        assert ((row.firm, row.project) in started) == (row.label == "always"), row


def events_of(world, run):
    """What happened in the last quarter of a run."""
    collector = Collector(world, run.setting.factors)
    for state, _ in step_replicate(world, run, 32 * len(world.firms)):
        collector.take(state)
    events = collector.result().events
    return events[events["period"] == events["period"].cat.categories[-1]]


def test_a_full_log_is_found_out():
    scenario = small_runs.scenario("plan", until="2021Q1")
    world, run = build_world(scenario, 0), prepare_run(scenario, 0)
    collector = Collector(world, run.setting.factors)
    (state, _), *_ = step_replicate(world, run, 1)
    with pytest.raises(IntegrityError, match="more than 1 events in 2021Q1"):
        collector.take(state)


def test_notes_change_nothing():
    scenario = small_runs.scenario("plan", until="2022Q4")
    world = build_world(scenario, 0)
    with_notes, without = (
        [record.sectors.copy() for _, record in step_replicate(world, prepare_run(scenario, 0), n)][-1]
        for n in (32 * len(world.firms), 0)
    )
    assert (with_notes == without).all()
    assert codes.EVENT_NAMES[codes.SWITCHED] == "switched"
