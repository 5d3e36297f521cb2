"""Search and discovery: the front is a front, fresh seeds are fresh, and a planted box is found."""

import itertools
import json

import numpy as np
import pandas as pd
import pytest
import small_runs
from hypothesis import given
from hypothesis import strategies as st
from test_questions import WORDS, lvjin

from experiments.designs.samples import sobol
from experiments.questions.knowing import known
from experiments.questions.packages import Searcher, Worth, finalists
from experiments.questions.prim import chosen, described, information, inside, p_values, pasted, peeled
from sim.configuration.sampling import Sampler, drawn_values
from sim.configuration.tables import load_table


def worth(places: np.ndarray) -> Worth:
    """A valley: the first lever costs and earns, the second one only costs, the third cuts emissions; a limit on it."""
    one, two, three = places.T
    miss = np.maximum(0.0, 0.2 - three)
    return Worth(one + two + 0.3 * three, np.sqrt(one), 1.0 - three, (one > 0.5) * 1.0, miss)


def beats(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return all(a <= b for a, b in zip(one, other, strict=True)) and one != other


def found_front(seed: int, generations: int = 6) -> tuple[np.ndarray, Worth, np.ndarray]:
    searcher = Searcher(3, 16, seed)
    searcher.first(sobol(32, 3, seed))
    places = []
    for generation in range(generations):
        places.append(searcher.asked(16 if generation else 32))
        searcher.tell(worth(places[-1]))
    together = np.vstack(places)
    return together, worth(together), searcher.front()


def test_the_first_packages_are_those_that_were_given_and_all_come_again():
    places, _, front = found_front(4)
    again, _, same = found_front(4)
    assert (places == again).all()
    assert (front == same).all()
    assert (places[:32] == sobol(32, 3, 4)).all()
    assert ((places >= 0.0) & (places <= 1.0)).all()
    assert (found_front(5)[0] != places).any()


def test_nothing_beats_the_front_which_breaks_no_limit_and_grows_better():
    places, known, front = found_front(1)
    assert (known.miss[front] == 0.0).all()
    allowed = np.flatnonzero(known.miss == 0.0)
    aims = [(known.cost[k], -known.revenue[k], known.emissions[k]) for k in range(len(places))]
    assert not any(beats(aims[other], aims[one]) for one in front for other in allowed)
    waste = places[:, 1]  # the lever that only costs
    assert waste[front[front >= 32]].mean() < 0.5 * waste[:32].mean()


def test_finalists_are_the_cheapest_that_are_good_enough_or_the_likeliest():
    none = np.zeros(4)
    cost, chance = np.array([5.0, 3.0, 1.0, 2.0]), np.array([0.9, 0.6, 0.2, 0.7])
    known = Worth(cost, none, none, chance, np.array([0.0, 0.0, 0.0, 0.1]))
    assert finalists(known, 0.5, 3).tolist() == [1, 0]
    assert finalists(known, 0.95, 2).tolist() == [0, 1]


def test_a_planted_box_is_found():
    random = np.random.default_rng(1)
    factors = random.random((1000, 4))
    truth = (factors[:, 0] > 0.6) & (factors[:, 2] < 0.3)
    cases = truth.astype(float)
    boxes = peeled(factors, cases)
    assert all(later.density > before.density for before, later in itertools.pairwise(boxes))
    assert all(later.mass < before.mass for before, later in itertools.pairwise(boxes))
    box = pasted(factors, cases, chosen(boxes, 0.8))
    assert box.coverage >= 0.8
    assert box.density > 0.95
    assert box.restricted.tolist() == [True, False, True, False]
    assert box.low[0] == pytest.approx(0.6, abs=0.05)
    assert box.high[2] == pytest.approx(0.3, abs=0.05)
    odds = p_values(factors, cases, box)
    assert odds[0] < 1e-6
    assert np.isnan(odds[1])
    shares = [information(factors[:, place], cases, 1) for place in range(4)]
    assert shares[0][0] > 0.1
    assert shares[2][0] > 0.1
    assert shares[1][0] <= shares[1][1]


@given(seed=st.integers(0, 99), width=st.integers(1, 4))
def test_boxes_tell_what_is_inside_them(seed, width):
    random = np.random.default_rng(seed)
    factors, cases = random.integers(0, 4, (60, width)).astype(float), random.random(60)
    for box in peeled(factors, cases):
        within = inside(factors, box.low, box.high)
        assert box.mass == pytest.approx(within.mean())
        assert box.density == pytest.approx(cases[within].mean())
        assert box.coverage == pytest.approx(cases[within].sum() / cases.sum())
    whole = described(factors, cases, np.full(width, -np.inf), np.full(width, np.inf))
    assert (whole.coverage, whole.mass) == (pytest.approx(1.0), 1.0)


def test_what_explains_everything_is_worth_everything_and_noise_nothing():
    random = np.random.default_rng(3)
    factor = random.random(2000)
    assert information(factor, (factor > 0.5).astype(float), 1)[0] > 0.9
    share, noise = information(random.random(2000), (factor > 0.5).astype(float), 1)
    assert share <= noise + 0.005
    assert information(factor, np.ones(2000), 1) == (0.0, 0.0)
    half = 0.25 + 0.5 * (factor > 0.5)  # luck decides the rest
    assert information(factor, half, 1)[0] == pytest.approx(0.25, abs=0.02)


def test_a_search_runs_its_finalists_again_and_goes_on(tmp_path, capfd):
    path = tmp_path / "box.yaml"
    text = "kind: sobol\nsize: 4\nscenario: plan\nfirms: 300\nuntil: 2022Q4\nreplicates: 2\nfactors:\n"
    text += "  policy.retrofit_grant.purse: {lower: 0, upper: 9000}\n  market.growth_shift:\n"
    path.write_text(WORDS + text, encoding="utf-8")
    words = ["search", path, "--out", tmp_path / "out", "--year", 2022, "--at-least", 300, "--size", 4]
    words += ["--generations", 1, "--finalists", 2, "--fresh", 3, "--limit", "Emissions|CO2|Industry<=9000"]
    out, _ = lvjin(*words, capfd=capfd)
    assert "Finalists with fresh seeds" in out
    packages, final = (pd.read_csv(tmp_path / "out" / f"{name}.csv") for name in ("packages", "finalists"))
    assert len(packages) == 6
    assert len(final) == 2
    assert np.allclose(final["optimism"], final["chance"] - final["fresh_chance"])
    assert packages["on_front"].any()
    seeds = [
        pd.read_csv(tmp_path / "out" / name / "runs.csv")["seed"].unique() for name in ("generation-0", "finalists")
    ]
    assert set(seeds[0]).isdisjoint(seeds[1])
    before = (tmp_path / "out" / "packages.csv").read_bytes()
    lvjin(*words, "--quiet", capfd=capfd)
    assert (tmp_path / "out" / "packages.csv").read_bytes() == before
    lvjin("publish", tmp_path / "out", "--quiet", capfd=capfd)
    out, _ = lvjin("verify", tmp_path / "out", "--sample", 2, capfd=capfd)
    assert "2 行重算" in out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--variable", "Revenu|Green Industry"), "Did you mean Revenue|Green Industry?"),
        (("--limit", "Emissions<5"), "VARIABLE<=VALUE"),
        (("--year", 2031), "--year: found 2031"),
        (("--size", 5), "--size: found 5"),
    ],
)
def test_mistakes_of_a_search_are_refused(words, told, tmp_path, capfd):
    design = "configs/designs/plan_strengths.yaml"
    from conftest import ROOT

    _, err = lvjin("search", ROOT / design, "--out", tmp_path / "out", *words, code=2, capfd=capfd)
    assert told in err


def planted_sweep(folder) -> None:
    """Tables of a sweep in which revenue is high where the grant is."""
    random = np.random.default_rng(5)
    shares = random.random(80)
    runs = pd.DataFrame({"run": range(160), "point": np.repeat(range(80), 2), "replicate": [0, 1] * 80, "seed": 1})
    runs["policy.retrofit_grant.share"] = np.repeat(shares, 2)
    runs["policy.guarantee.limit"] = np.repeat(random.random(80), 2)
    runs["status"] = "done"
    years = runs[["run", "point", "replicate"]].assign(period=2025, variable="Revenue|Green Industry", unit="亿元/yr")
    years["value"] = 350.0 + 100.0 * runs["policy.retrofit_grant.share"]
    runs.to_csv(folder / "runs.csv", index=False)
    years.to_csv(folder / "years.csv", index=False)


def test_discovery_finds_the_corner_and_what_is_worth_knowing(tmp_path, capfd):
    planted_sweep(tmp_path)
    out, _ = lvjin("discover", tmp_path, "--at-least", 400, capfd=capfd)
    assert "Worth knowing" in out
    box = pd.read_csv(tmp_path / "discovery" / "box.csv").set_index("factor")
    assert box["restricted"].to_dict() == {"policy.guarantee.limit": False, "policy.retrofit_grant.share": True}
    assert box.loc["policy.retrofit_grant.share", "from"] == pytest.approx(0.5, abs=0.1)
    assert box.loc["policy.retrofit_grant.share", "information"] > 0.5
    peeling = pd.read_csv(tmp_path / "discovery" / "peeling.csv")
    assert peeling["chosen"].tolist()[-1] is True
    assert json.loads((tmp_path / "discovery" / "answer.json").read_bytes())["from"] == 400.0
    assert (tmp_path / "discovery" / "figures" / "box.zh.png").exists()
    worth = pd.read_csv(tmp_path / "discovery" / "knowing.csv").set_index("unknown")
    assert worth["told_from_chance"].to_dict() == {
        "policy.retrofit_grant.share": True,
        "policy.guarantee.limit": False,
    }
    assert worth.loc["policy.retrofit_grant.share", "narrowing"] > 0.9


def test_what_is_worth_knowing_narrows_the_band_by_as_much_as_it_explains():
    random = np.random.default_rng(7)
    unknowns = random.random((400, 12))
    values = 3.0 * unknowns[:, 4] + np.sin(3.0 * unknowns[:, 9]) + 0.5 * random.standard_normal(400)
    found = known(unknowns, values, 1)
    left = np.std(values - 3.0 * unknowns[:, 4]) / np.std(values)
    assert found.narrowing[4] == pytest.approx(1.0 - left, abs=0.03)
    assert found.low[4] < found.narrowing[4] < found.high[4]
    assert found.told.sum() == found.told[[4, 9]].sum() == 2
    assert found.rank_correlation[4] > 0.7
    same = known(unknowns[:, ::-1], values, 1)
    assert same.narrowing[::-1] == pytest.approx(found.narrowing, abs=0.01)
    assert not known(unknowns, np.ones(400), 1).told.any()


def test_of_many_unknowns_without_effect_hardly_one_is_ever_told():
    random = np.random.default_rng(8)
    told = [known(random.random((60, 12)), random.random(60), seed).told.any() for seed in range(6)]
    assert sum(told) <= 1


def test_a_run_tells_which_of_its_drawn_numbers_are_worth_knowing(tmp_path, capfd):
    random = np.random.default_rng(9)
    scenario = small_runs.scenario("plan")
    rows, bases = [], []
    cluster = load_table("clusters")["cluster"].iloc[0]
    for replicate in range(40):
        drawn = drawn_values(scenario.declarations, Sampler(scenario.seed, replicate, {}))
        value = 300.0 + 2000.0 * drawn["market.growth_shift"] + random.random()
        rows.append(["plan", replicate, 2025, "Revenue|Green Industry", value])
        bases += [["plan", replicate, cluster, random.random()], ["plan", replicate, "parts", 7.0]]
    pd.DataFrame(rows, columns=["scenario", "replicate", "period", "variable", "value"]).to_csv(tmp_path / "years.csv")
    pd.DataFrame(bases, columns=["scenario", "replicate", "cluster", "fact"]).to_csv(tmp_path / "alignment.csv")
    record = {"scenarios": [scenario.as_dict()]}
    (tmp_path / "run.json").write_text(json.dumps(record), encoding="utf-8")
    out, _ = lvjin("discover", tmp_path, "--at-most", 300, capfd=capfd)
    assert "Value of information" in out
    worth = pd.read_csv(tmp_path / "discovery" / "knowing.csv").set_index("unknown")
    assert worth["narrowing"].idxmax() == "market.growth_shift"
    assert worth.loc["market.growth_shift", "told_from_chance"]
    assert f"base.{cluster}" in worth.index
    assert "base.parts" not in worth.index  # what does not vary is known
    _, err = lvjin("discover", tmp_path, "--scenario", "plam", "--at-most", 300, code=2, capfd=capfd)
    assert "Did you mean plan?" in err


@pytest.mark.parametrize(
    ("words", "told"),
    [(("--year", 2030), "--year"), (("--variable", "Emissions"), "--variable"), (("--at-least", 1), "no runs.csv")],
)
def test_mistakes_of_a_discovery_are_refused(words, told, tmp_path, capfd):
    if "--at-least" not in words:
        planted_sweep(tmp_path)
    _, err = lvjin("discover", tmp_path, *words, code=2, capfd=capfd)
    assert told in err
