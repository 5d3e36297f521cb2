"""The questions of docs/experiments.md: commands that exist, designs that are there, and pages with their part."""

import json
import re
import subprocess

import pandas as pd
import pytest
from conftest import ROOT
from test_questions import lvjin

from experiments.answers import asking, effects, forecasts, writing
from experiments.answers.asking import ask_all, read_record
from experiments.answers.questions import QUESTIONS
from experiments.languages import speaker
from experiments.marked import replaced

RECORD = {"command": "lvjin attribute plan", "posterior": "", "code": "abc", "seconds": 60.4, "runs": 1280}


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_every_question_is_a_command_with_its_files(question, capfd):
    command, *words = question.words
    out, _ = lvjin(command, "--help", capfd=capfd)
    assert all(word in out for word in words if word.startswith("--"))
    assert all((ROOT / word).exists() for word in words if word.startswith("configs/"))


def test_what_is_told_is_asked():
    assert {*writing.WRITERS} <= {question.name for question in QUESTIONS}


@pytest.mark.parametrize("language", writing.PAGES)
def test_the_pages_have_a_part_for_the_answers(language):
    text = (writing.DOCS / writing.PAGES[language]).read_text(encoding="utf-8")
    assert "answers" in replaced(text, "answers", writing.BEGIN, writing.END)
    for name in re.findall(r"\(figures/([a-z_]+\.[a-z]+\.png)\)", text):
        assert name.endswith(f".{language}.png")
        assert (writing.DOCS / "figures" / name).exists()
    for name in re.findall(r"\((answers/[^)]+)\)", text):
        assert (writing.DOCS / name).exists()


def test_both_pages_tell_the_same_commands():
    """What stands outside the answers was written by hand."""
    pages = [(writing.DOCS / name).read_text(encoding="utf-8") for name in writing.PAGES.values()]
    hands = [replaced(page, "", writing.BEGIN, writing.END) for page in pages]
    shown = [re.findall(r"```\n(.*?)```", page, re.DOTALL) for page in hands]
    assert shown[0] == shown[1] != []
    assert [page.count("\n## ") for page in hands] == [hands[0].count("\n## ")] * 2


def test_an_answer_is_told_from_the_files_of_its_command(tmp_path):
    """The simplest one: chapters that share an effect of three."""
    rows = [["3", 2.0, 1.5, 2.5, 2 / 3, 1.9, 2.1, "a"], ["5", 1.0, 0.5, 1.5, 1 / 3, 0.9, 1.1, "b"]]
    columns = ["player", "share", "low", "high", "part", "alone", "last", "keys"]
    pd.DataFrame(rows, columns=columns).to_csv(tmp_path / "shares.csv", index=False)
    pairs = pd.DataFrame([["3", "5", 0.1, 0.0, 0.2]], columns=["player_a", "player_b", "interaction", "low", "high"])
    pairs.to_csv(tmp_path / "interactions.csv", index=False)
    told = "\n".join(effects.attribute(tmp_path, RECORD, speaker("en")))
    assert "1,280 runs · 60 s" in told
    assert "| 3: greener production | +2.00 (+1.50 … +2.50) | 67 % | +1.90 | +2.10 |" in told
    assert "| all | +3.00 | 100 % |  |  |" in told
    assert "chapters 3 and 5 +0.10 (+0.00 … +0.20)" in told
    assert "第3章与第5章 +0.10 (+0.00 … +0.20)" in "\n".join(effects.attribute(tmp_path, RECORD, speaker("zh")))


def test_a_limit_of_the_box_is_told_on_the_sides_that_it_has():
    row = pd.Series({"factor": "firm.entry_rate", "from": 0.1, "to": 0.3, "sample_from": 0.1, "sample_to": 0.5})
    assert forecasts.limit(row, speaker("en")) == "Entry rate ≤ 0.3"
    assert forecasts.limit(pd.Series({**row, "from": 0.2, "to": 0.5}), speaker("en")) == "Entry rate ≥ 0.2"
    assert forecasts.limit(pd.Series({**row, "from": 0.2}), speaker("en")).endswith("0.2–0.3")


@pytest.fixture
def said(monkeypatch):
    """The questions that were asked, in place of asking them."""
    asked: list[str] = []

    def instead(question, folder):
        asked.append(question.name)
        (folder / question.name / "shards").mkdir(parents=True, exist_ok=True)
        (folder / question.name / "shards" / f"{len(asked)}").touch()
        return "said\n"

    monkeypatch.setattr(asking, "said", instead)
    return asked


def test_what_is_answered_is_not_asked_again_and_what_changed_is(tmp_path, said, monkeypatch):
    ask_all(["compare", "grid", "verify"], tmp_path)
    ask_all(["compare", "grid", "verify"], tmp_path)
    assert said == ["verify", "compare", "grid"]
    assert (tmp_path / "verify.txt").read_text() == "said\n"
    monkeypatch.setattr(asking, "ANALYSIS", (("experiments", "cli.py"),))  # analysed anew, on the runs that are there
    ask_all(["grid"], tmp_path)
    assert read_record(tmp_path)["grid"]["runs"] == 2
    monkeypatch.setattr(asking, "SETTINGS", (("sim", "run.py"),))  # and another model: from the start
    ask_all(["grid"], tmp_path)
    assert said[3:] == ["grid", "grid"]
    assert read_record(tmp_path)["grid"]["runs"] == 1


def test_an_interrupted_question_goes_on_where_it_stopped(tmp_path, said, monkeypatch):
    true = asking.said

    def stopped(question, folder):
        true(question, folder)
        raise subprocess.CalledProcessError(130, question.command)

    monkeypatch.setattr(asking, "said", stopped)
    with pytest.raises(subprocess.CalledProcessError):
        ask_all(["strengths", "grid"], tmp_path)
    assert json.loads((tmp_path / "answers.json").read_text())["strengths"]["answered"] == ""
    monkeypatch.setattr(asking, "said", true)
    ask_all(["strengths", "grid"], tmp_path)
    assert said == ["strengths", "strengths", "grid"]
    assert read_record(tmp_path)["strengths"]["runs"] == 2


def test_whoever_reads_the_runs_of_another_question_is_asked_again_with_it():
    discover, draws = (one for name in ("discover", "draws") for one in QUESTIONS if one.name == name)
    assert asking._reads(discover, draws)
    assert not asking._reads(draws, discover)
