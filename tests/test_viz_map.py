"""The map of the application without a browser: what is told of parks, links and single firms adds up."""

import numpy as np
import pytest
import small_runs

from experiments.languages import speaker
from experiments.results import declared_target
from viz import firm_card, loans, money, park_map
from viz.answers import WAN_PER_YI, yearly
from viz.district import FEN, FIRMS, SIZES, district, words
from viz.firm_words import EVENTS, REASONS, event_row, reason_words
from viz.layout import packed, spread_out
from viz.view import View, address, read_view

SAYS = [speaker("en"), speaker("zh")]
ENGLISH = SAYS[0]
YEAR = declared_target().year


def replicate(name: str = "plan"):
    return small_runs.ensemble(name).parts[0].replicates[0]


@pytest.fixture(scope="module")
def own():
    return district(replicate())


@pytest.fixture(scope="module")
def twin():
    return district(replicate("baseline"))


@pytest.mark.parametrize("by", ["sector", "size"])
def test_parts_of_parks_add_up_to_the_firms(own, by):
    cells, firms = own.cells(YEAR, by), replicate().micro.firms
    there = firms[firms["year"] == YEAR]
    assert cells["output"].sum() == pytest.approx(there["output"].sum(), rel=1e-12)
    assert cells["emissions"].sum() == pytest.approx(there["emissions"].sum(), rel=1e-12)
    assert set(cells["park"]) <= set(words("parks"))
    assert set(cells["member"]) <= set(SIZES if by == "size" else words("sectors"))
    for row in cells.itertuples():
        chosen = own.chosen(YEAR, row.park, by, row.member)
        assert chosen["output"].sum() == pytest.approx(row.output, rel=1e-12)
        assert chosen["weight"].sum() == pytest.approx(row.firms, rel=1e-12)


def test_streams_arcs_and_links_tell_the_same_tonnes(own):
    rows = own.exchanges[own.exchanges["year"] == YEAR]
    assert len(rows)
    assert own.streams(YEAR)["tonnes"].sum() == pytest.approx(rows["tonnes"].sum())
    assert own.arcs(YEAR)["tonnes"].sum() == pytest.approx(rows["tonnes"].sum())
    for row in own.streams(YEAR).itertuples():
        assert own.arcs(YEAR, row.stream)["tonnes"].sum() == pytest.approx(row.tonnes)
        assert len(own.flows(YEAR, row.stream)) == row.links


def test_partners_are_those_of_the_links(own):
    links = replicate().micro.links
    firm = int(links["supplier"].mode().iloc[0])
    output = own.at(YEAR).set_index("firm")["output"]
    sold = links[links["supplier"] == firm]
    expected = (sold["purchase_share"] * sold["customer"].map(output).fillna(0.0)).sum()
    assert own.partners(firm, YEAR)["customers"]["amount"].sum() == pytest.approx(expected)
    assert expected > 0.0


@pytest.mark.parametrize("radii", [(), (3.0,), (5.0, 5.0, 5.0), tuple(np.linspace(1, 30, 25))])
def test_packed_circles_do_not_cover_each_other(radii):
    places, outer = packed(radii)
    for i, (x, y) in enumerate(places):
        assert np.hypot(x, y) + radii[i] <= outer + 1e-9
        for j in range(i):
            assert np.hypot(x - places[j][0], y - places[j][1]) >= radii[i] + radii[j]
    if radii:
        assert outer <= 2.2 * np.sqrt(np.square(radii).sum())


def test_parks_are_spread_out_in_their_directions():
    places = np.array([[17.0, 7.0], [-2.0, 3.0], [2.0, 14.0], [-15.0, -24.0]])
    radii = [90.0, 110.0, 100.0, 40.0]
    found = spread_out(places, radii, 640.0, 460.0)
    for i in range(4):
        assert (found[i] >= radii[i] - 1e-6).all()
        assert (found[i] <= np.array([640.0, 460.0]) - radii[i] + 1e-6).all()
        for j in range(i):
            assert np.hypot(*(found[i] - found[j])) >= 0.98 * (radii[i] + radii[j])
    assert found[0, 0] == found[:, 0].max()  # the easternmost stays so
    assert found[3, 1] == found[:, 1].max()  # and the southernmost


@pytest.mark.parametrize("say", SAYS)
@pytest.mark.parametrize("by", ["sector", "size"])
def test_areas_of_bubbles_are_outputs(own, by, say):
    layer = park_map.firm_layer(own, YEAR, by, "", say)
    cells = own.cells(YEAR, by)
    radius = np.array([one["r"] for one in layer["bubbles"]])
    large = radius > 2 * park_map.SMALLEST
    assert large.any()
    share = cells["output"].to_numpy()[large] / np.square(radius[large])
    assert share == pytest.approx(np.full(large.sum(), share.mean()), rel=0.03)
    assert all(one["reading"][0] and 0 <= one["x"] <= park_map.WIDTH for one in layer["bubbles"])
    assert [park["key"] for park in layer["parks"]] == words("parks")
    assert park_map.apart({park["key"]: (park["x"], park["y"], park["r"]) for park in layer["parks"]})


@pytest.mark.parametrize("say", SAYS)
def test_arrows_are_as_wide_as_tonnes(own, say):
    arcs = own.arcs(YEAR)
    between = arcs[arcs["giver_park"] != arcs["taker_park"]]
    layer = park_map.stream_layer(own, YEAR, "sector", "", say)
    assert len(layer["arcs"]) == len(between)
    widths = [one["width"] for one in layer["arcs"]]
    assert widths == sorted(widths, reverse=True)
    assert all(park["reading"] for park in layer["parks"])


def busy_firm(district) -> int:
    done = district.events[district.events["kind"] == "completed"]
    return int(done["firm"].mode().iloc[0])


@pytest.mark.parametrize("say", SAYS)
def test_a_card_tells_the_firm_and_its_twin(own, twin, say):
    firm = busy_firm(own)
    story = own.story(firm)
    facts = dict(firm_card.facts(story, YEAR, say))
    assert f"{story[story['year'] == YEAR]['output'].iloc[0]:,.0f} 万元" in facts.values()
    chart = firm_card.course(story, twin.story(firm), own.years, "x", say)
    first, second = (series["data"] for series in chart.option["series"])
    assert first[0] == second[0], "nothing differs before 2022"
    rows = firm_card.beside_twin(own, twin, firm, say)
    done = own.events_of(firm)
    done = done[done["kind"].isin(["completed", "certified"])]
    told = [cell["text"] for row in rows for cell in row["cells"][1:2] if cell["text"] != "–"]
    assert set(told) <= set(done["period"].astype(str))
    assert set(done.drop_duplicates(["kind", "project", "certificate"])["period"].astype(str)) == set(told)
    assert len(firm_card.bound_by_year(own, twin, firm, say)) == len(own.years)
    assert firm_card.history(own, firm, say)


def test_a_firm_equals_its_twin_under_the_same_policies(own):
    firm = busy_firm(own)
    rows = firm_card.beside_twin(own, own, firm, ENGLISH)
    assert rows
    assert {row["cells"][3]["text"] for row in rows} == {"the same"}


def test_differences_of_quarters_are_counted():
    assert firm_card.apart("2023Q1", "2024Q2", ENGLISH) == "5 quarters earlier"
    assert firm_card.apart("2023Q2", "2023Q1", ENGLISH) == "1 quarter later"
    assert firm_card.apart(None, "2023Q1", ENGLISH) == "only without policies"
    assert firm_card.apart("2023Q1", None, ENGLISH) == "only with this setting"


@pytest.mark.parametrize("say", SAYS)
def test_every_event_is_told_in_words(own, say):
    assert set(own.events["kind"].cat.categories) <= set(EVENTS)
    for _, row in own.events.drop_duplicates(["kind", "programme", "label", "money", "reason"]).iterrows():
        period, what, about, _ = event_row(row, say)
        assert period
        assert what
        assert "_" not in about, "a code stayed without words"
    assert {reason_words(code, say) for code in REASONS} == {say(*words) for words in REASONS.values()}


@pytest.mark.parametrize("say", SAYS)
def test_a_chain_shows_partners_as_choices(own, say):
    firm = int(own.exchanges[own.exchanges["year"] == YEAR]["giver"].iloc[0])
    found = firm_card.chain(own, firm, YEAR, say)
    keys = {node["key"] for node in found["bubbles"] if node["key"]}
    assert keys
    assert all(read_view(f"pick={key}").firm is not None for key in keys)
    assert any(line["dashed"] for line in found["lines"])


YEARS = range(2022, YEAR + 1)


def passed_on(chart) -> dict[str, tuple[float, float]]:
    """What comes to each end of a picture of flows and goes on from it, 亿元."""
    links = chart.option["series"][0]["links"]
    ends = {one[side] for one in links for side in ("source", "target")}
    sides = ("target", "source")
    return {end: tuple(sum(one["value"] for one in links if one[side] == end) for side in sides) for end in ends}


@pytest.mark.parametrize("years", [YEARS, [2023]])
def test_public_money_flows_add_up_to_the_cost(own, years):
    ends = passed_on(money.flows(own, replicate(), years, ENGLISH))
    spent = sum(money.spent(replicate(), years).values()) / WAN_PER_YI
    assert ends.pop("District budget") == pytest.approx((0.0, spent), rel=1e-6)
    between = [both for both in ends.values() if all(both)]
    assert between
    assert all(came == pytest.approx(went, abs=1e-6) for came, went in between)


def test_support_of_interest_goes_to_banks(own):
    chart = money.flows(own, replicate(), YEARS, ENGLISH)
    name = "Policy Cost|Government|Interest Support"
    supported = money.spent(replicate(), YEARS)[name] / WAN_PER_YI
    came = passed_on(chart).get("Banks, for lower interest", (0.0, 0.0))[0]
    assert came == pytest.approx(supported, abs=1e-6)


@pytest.mark.parametrize("years", [YEARS, [2023]])
def test_what_firms_invest_is_paid_to_the_fen_and_told_as_the_ledger_has_it(own, years):
    firms = replicate().micro.firms
    rows = firms[firms["year"].isin(years)]
    ledger = {term: int(rows[f"ledger_{term}"].sum()) for term in (*loans.IN, *loans.OUT)}
    entries = loans.closed(loans.sums(own, years))
    for group in {one for one, *_ in entries}:
        came, went = (
            sum(fen for one, _, fen, comes in entries if (one, comes) == (group, way)) for way in (True, False)
        )
        assert came == went > 0
    for term, fen in ledger.items():
        told = sum(amount if comes else -amount for _, name, amount, comes in entries if name == term)
        assert told == fen
    assert ledger["new_loan"] > 0 > ledger["repayment"]
    for say in SAYS:
        ends = passed_on(loans.flows(own, years, say))
        assert all(came == pytest.approx(went, abs=1e-6) for came, went in ends.values() if came and went)
        assert ends[say(*loans.IN["new_loan"])][1] == pytest.approx(ledger["new_loan"] / 1e10, rel=1e-6)
        back = -(ledger["repayment"] + ledger["liquidation"]) / 1e10
        assert ends[say(*loans.OUT["repayment"])][0] == pytest.approx(back, rel=1e-6)
        assert ends[say(*loans.OUT["interest"])][0] == pytest.approx(-ledger["interest"] / 1e10, rel=1e-6)


def test_loans_taken_and_paid_back_move_what_banks_are_owed(own):
    one = replicate()
    owed, lost = (
        sum(yearly([one], name, year)[0] for name in names for year in years)
        for names, years in (
            (("Loans|Green", "Loans|Ordinary"), (YEAR,)),
            (("Loans|Written Off",), YEARS),
        )
    )
    before = sum(yearly([one], name, 2021)[0] for name in ("Loans|Green", "Loans|Ordinary"))
    table = loans.sums(own, YEARS).sum() / FEN
    moved = table["new_loan"] + table["repayment"] + table["liquidation"] - lost
    assert owed - before == pytest.approx(moved, rel=1e-9)


def test_a_setting_without_policies_has_no_public_money_to_show(twin):
    nothing = small_runs.ensemble("none").parts[0].replicates[0]
    assert money.flows(twin, nothing, YEARS, ENGLISH) is None


def test_gains_are_paired():
    plan, baseline = (small_runs.ensemble(name).parts[0].replicates for name in ("plan", "baseline"))
    chart = money.gains(plan, baseline, ENGLISH)
    assert 0 < len(chart.rows) <= money.MOST_SECTORS
    assert money.gains(plan[:1], baseline, ENGLISH) is None


@pytest.mark.parametrize("pick", ["", "degan", "degan.food", "S04", "f12"])
def test_what_is_chosen_on_the_map_is_restored(pick):
    view = View(page="map").turned(by="size", year="2023").picking(pick)
    assert view.pick == pick
    assert read_view(address(view)) == view
    assert (view.layer == "chain") == (view.firm is not None)


@pytest.mark.parametrize("pick", ["../x", "f-1", "DEGAN", "a.b.c", "<b>", "f123456789"])
def test_what_is_no_choice_is_ignored(pick):
    assert View().picking(pick) == View()


def test_the_kind_with_firms_keeps_few():
    assert FIRMS.micro
    assert FIRMS.kept < 10
