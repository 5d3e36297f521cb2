"""What visitors waited for is written into the page of the application by the script that measures it."""

import argparse

import pytest

from benchmarks import visitors
from benchmarks.visitors import BEGIN, END, PAGE, Wait, block, quantiles
from experiments.marked import replaced

USUAL = argparse.Namespace(firms=5000, replicates=100, thinking=10.0)


def test_the_page_has_a_part_for_what_visitors_waited_for():
    text = PAGE.read_text(encoding="utf-8")
    assert text.count(BEGIN) == text.count(END) == 1
    assert replaced(text, "new", BEGIN, END).count("| click, ") == 0


def test_what_visitors_waited_for_is_told_in_both_languages():
    text = block(USUAL, [Wait("click", "点击", [0.1, 0.2, 3.0]), Wait("sketch", "草图", [])], 2, 0.25, "2026-01-02")
    assert "| click | 点击 | 0.20 s | 2.7 s | 3 |" in text
    assert "| sketch | 草图 | – | – | 0 |" in text
    assert "5,000 firms and 100 replicates" in text
    assert "load 0.2 at the start" in text
    assert "2 stayed unanswered." in text
    assert "Nothing stayed unanswered." in block(USUAL, [], 0, 0.0, "2026-01-02")
    assert quantiles([]) == ["–", "–"]


@pytest.mark.parametrize(("words", "written"), [([], True), (["--visitors", "3"], False)])
def test_the_page_is_written_where_only_the_usual_was_asked_for(words, written, tmp_path, monkeypatch, capsys):
    page = tmp_path / "app.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    monkeypatch.setattr(visitors, "PAGE", page)
    monkeypatch.setattr(visitors, "measured", lambda options: ([Wait("click", "点击", [0.5])], 0))
    visitors.main(words)
    assert "| click | 点击 | 0.50 s | 0.50 s | 1 |" in capsys.readouterr().out
    text = page.read_text(encoding="utf-8")
    assert (text.startswith("before\n"), text.endswith("after\n")) == (True, True)
    assert ("0.50 s" in text, "old" in text) == (written, not written)
