"""Comparisons: pair by pair, with the interval that the pairs give, and the firms behind the difference."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
import small_runs
from scipy.stats import ttest_rel

from experiments import cli
from experiments.comparing.differences import difference_table, half_width, paired, variance_ratio
from experiments.comparing.firms import changed_firms, constraint_table
from sim.results.bundle import bundle_schema
from sim.results.canonical import csv_bytes
from sim.results.parts import Failure

SMALL = ("--firms", 300, "--replicates", 4)


def lvjin(*words: object, code: int = 0, capfd) -> tuple[str, str]:
    with pytest.raises(SystemExit) as caught:
        cli.main(["compare", *(str(word) for word in words)])
    told = capfd.readouterr()
    assert (caught.value.code or 0) == code, told.err
    assert "Traceback" not in told.err
    return told


def test_the_table_tells_the_mean_of_the_pairs_and_its_interval():
    first, second = (small_runs.ensemble(name).part() for name in ("baseline", "plan"))
    table = difference_table(first, second)
    assert csv_bytes(table, bundle_schema("compare"))
    row = table.set_index(["variable", "year"]).loc[("Revenue|Green Industry", 2025)]
    a, b = (part.values("Revenue|Green Industry", 2025) for part in (first, second))
    test = ttest_rel(b, a)
    interval = test.confidence_interval(0.95)
    assert row["difference"] == pytest.approx(float(np.mean(b - a)))
    assert (row["low"], row["high"]) == pytest.approx((interval.low, interval.high))
    assert row["variance_ratio"] == pytest.approx((a.var(ddof=1) + b.var(ddof=1)) / (b - a).var(ddof=1))
    assert row["higher_share"] + row["lower_share"] <= 1.0


def test_before_2022_nothing_differs_and_the_gain_of_pairing_is_not_told():
    table = difference_table(*(small_runs.ensemble(name).part() for name in ("baseline", "plan")))
    before = table[table["year"] == 2021]
    assert (before[["difference", "low", "high", "p5", "p95", "higher_share", "lower_share"]] == 0.0).all(axis=None)
    assert before["variance_ratio"].isna().all()


def test_exchanging_the_scenarios_turns_the_sign():
    parts = [small_runs.ensemble(name).part() for name in ("baseline", "plan")]
    there, back = difference_table(*parts), difference_table(*parts[::-1])
    assert (there["difference"] == -back["difference"]).all()
    assert np.allclose(there["variance_ratio"], back["variance_ratio"], equal_nan=True)


def test_replicates_that_failed_in_one_are_left_out_of_both():
    first, second = (small_runs.ensemble(name).part() for name in ("baseline", "plan"))
    broken = dataclasses.replace(first, replicates=first.replicates[1:], failures=(Failure("baseline", 0, "broken"),))
    pairs = paired(broken, second)
    assert pairs.replicates.tolist() == [1, 2, 3]
    assert (pairs.second == second.yearly()[1:]).all()


def test_the_gain_of_pairing_is_that_of_the_textbook():
    random = np.random.default_rng(1)
    luck = random.normal(size=(4000, 1, 1))
    first, second = luck + 0.1 * random.normal(size=luck.shape), luck + 0.1 * random.normal(size=luck.shape)
    assert variance_ratio(first, second)[0, 0] == pytest.approx(1.01 / 0.01, rel=0.1)
    apart = random.normal(size=luck.shape)
    assert variance_ratio(luck, apart)[0, 0] == pytest.approx(1.0, rel=0.1)
    assert np.isnan(variance_ratio(luck, luck + 3.0)).all()
    assert half_width(np.ones((1, 2))).tolist() == [0.0, 0.0]


def firms(*rows: tuple[object, ...]) -> pd.DataFrame:
    names = ["firm", "year", "active", "options", "green_sales", "reason"]
    table = pd.DataFrame(rows, columns=names)
    return table.assign(sector="cement", park="degan", size="large", weight=2.0)


def test_what_a_firm_does_differently_is_named_with_what_bound_it():
    first = firms(
        (1, 2024, True, "T01", 5.0, "cutoff"),
        (1, 2025, True, "T01", 5.0, "cutoff"),
        (2, 2024, True, "", 0.0, "cash"),
        (2, 2025, True, "", 0.0, "cash"),
        (3, 2024, True, "", 1.0, "unaware"),
        (3, 2025, False, "", 0.0, "none"),
        (4, 2024, True, "T02", 1.0, "none"),
        (4, 2025, True, "T02", 1.0, "none"),
        (5, 2024, True, "", 1.0, "none"),
        (5, 2025, True, "T03", 1.0, "none"),
        (6, 2025, True, "T04", 1.0, "none"),
    )
    second = firms(
        (1, 2024, True, "T01", 5.0, "cutoff"),
        (1, 2025, True, "T01;T05", 9.0, "none"),
        (2, 2024, True, "T07", 0.0, "none"),
        (2, 2025, True, "T07", 0.0, "purse_empty"),
        (3, 2024, True, "", 1.0, "unaware"),
        (3, 2025, True, "", 1.0, "unaware"),
        (4, 2024, True, "T02", 1.0, "none"),
        (4, 2025, True, "T02", 2.5, "none"),
        (5, 2024, True, "T03", 1.0, "none"),
        (5, 2025, True, "T03", 1.0, "none"),
        (7, 2025, True, "", 3.0, "none"),
    )
    found = changed_firms(first, second).set_index("firm")
    assert csv_bytes(found.reset_index(), bundle_schema("changed_firms"))
    assert found["change"].to_dict() == {
        1: "more", 2: "more", 3: "there", 4: "sales", 5: "earlier", 6: "gone", 7: "there",
    }  # fmt: skip
    assert found.loc[1, ["first_year", "options_only_b", "reason_a", "reason_b"]].tolist() == [
        2025, "T05", "cutoff", "none",
    ]  # fmt: skip
    assert found.loc[2, ["first_year", "reason_a", "reason_b"]].tolist() == [2024, "cash", "none"]
    assert found.loc[7, ["reason_a", "green_sales_a", "green_sales_b"]].tolist() == ["absent", 0.0, 3.0]
    counted = constraint_table(found.reset_index())
    assert counted["firms"].sum() == 12.0
    assert changed_firms(first, first).empty


def test_the_command_writes_tables_figure_and_record(tmp_path, capfd):
    out, _ = lvjin("baseline", "plan", *SMALL, "--parameters", "prior", "--out", tmp_path, capfd=capfd)
    for words in ("绿色产业营收", "Difference in 2025, 4 pairs", "act differently", "What bound them", str(tmp_path)):
        assert words in out
    table = pd.read_csv(tmp_path / "compare.csv").set_index(["variable", "year"])
    single = [
        small_runs.ensemble(name).part().values("Revenue|Green Industry", 2025).mean() for name in ("baseline", "plan")
    ]
    row = table.loc[("Revenue|Green Industry", 2025)]
    assert (row["mean_a"], row["mean_b"]) == pytest.approx(single)
    changed = pd.read_csv(tmp_path / "changed_firms.csv")
    assert len(changed)
    assert set(changed["change"]) <= {"more", "fewer", "other", "earlier", "later", "there", "gone", "sales"}
    names = {path.name for path in (tmp_path / "figures").iterdir()}
    assert names == {f"revenue_difference.{language}.{kind}" for language in ("en", "zh") for kind in ("png", "svg")}
    package = json.loads((tmp_path / "datapackage.json").read_bytes())
    assert [resource["name"] for resource in package["resources"]] == ["compare", "changed_firms"]


def test_a_change_of_the_second_alone_makes_it_another_scenario(tmp_path, capfd):
    words = ("plan", "plan", *SMALL, "--set-b", "policy.retrofit_grant.share=0.3", "--until", "2022Q4")
    lvjin(*words, "--out", tmp_path, capfd=capfd)
    record = json.loads((tmp_path / "run.json").read_bytes())
    assert [one["name"] for one in record["scenarios"]] == ["plan", "plan-b"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("plan", "plan"), "the same world as A"),
        (("plan", "plam"), "Did you mean plan?"),
        (("plan", "none", "--set-b", "nothing"), "--set-b: found 'nothing'"),
        (("plan", "none", "--replicates", "3", "--micro", "7"), "--micro: found 7"),
    ],
)
def test_mistakes_are_refused_before_anything_is_run(words, told, capfd):
    _, err = lvjin(*words, code=2, capfd=capfd)
    assert told in err
