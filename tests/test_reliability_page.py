"""The page of soaks tells what their records say, a failure as a failure, and changed code as changed."""

import json
import re

from soaking import WHOLE as RECORDED

from benchmarks.reliability_page import FOUND, HEAD, PAGE, WHOLE, page, row

RECORD = {
    "name": "Books",
    "name_zh": "账目",
    "script": "tests/test_model_soak.py",
    "seed": 1,
    "date": "2022-01-01",
    "trials": 3000,
    "failures": 0,
    "seconds": 90.0,
    "code": "abc",
}


def test_a_line_says_what_was_tried_what_failed_and_what_that_means():
    assert row(RECORD, "abc").startswith("| Books | 账目 | 3,000 | 0 | 0.001 | 1 | 2022-01-01 | 1.5 | same |")
    failed = row(RECORD | {"failures": 2}, "def")
    assert "| 2 |  | 1 |" in failed
    assert "| changed since |" in failed


def test_further_figures_are_told_in_both_languages():
    told = page([RECORD | {"largest_residual_fen": 0, "environments": ["a: same", "b: different"]}], "abc")
    assert "largest residual, fen 最大残差（分）: 0; environments 环境: a: same, b: different" in told


def test_the_digest_of_the_page_is_that_of_the_records():
    assert WHOLE == RECORDED


def test_the_page_at_hand_tells_nothing_but_the_records_at_hand(root):
    """Whether code has changed since is left out, as every change of code moves it."""
    records = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOUND.glob("*.json"))]
    codes = re.compile(r"\| (same|changed since) \|")
    told, found = (codes.sub("", text) for text in (PAGE.read_text(encoding="utf-8"), page(records, "")))
    assert told.startswith(HEAD)
    assert set(told.splitlines()) <= set(found.splitlines())
    assert told.count("`tests/") > 1
    for record in records:
        assert (root / record["script"]).exists()
