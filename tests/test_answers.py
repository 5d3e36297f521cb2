"""The questions of docs/experiments.md: commands that exist, designs that are there, and a page with its part."""

import re

import pandas as pd
import pytest
from conftest import ROOT
from test_questions import lvjin

from experiments import answers, answers_page
from experiments.marked import replaced


@pytest.mark.parametrize("question", answers.QUESTIONS, ids=lambda question: question.name)
def test_every_question_is_a_command_with_a_writer_and_its_files(question, capfd):
    command, *words = question.words
    out, _ = lvjin(command, "--help", capfd=capfd)
    assert all(word in out for word in words if word.startswith("--"))
    assert all((ROOT / word).exists() for word in words if word.startswith("configs/"))
    assert callable(getattr(answers_page, question.name))


def test_the_page_has_a_part_for_the_answers():
    text = answers.PAGE.read_text(encoding="utf-8")
    shown = replaced(text, "answers", answers.BEGIN, answers.END)
    assert len(shown) < len(text)
    shown = re.findall(r"\(figures/([a-z_]+)\.en\.png\)", text)
    assert shown
    for name in shown:
        assert all((answers.FIGURES / f"{name}.{language}.png").exists() for language in ("en", "zh"))


def test_an_answer_is_told_from_the_files_of_its_command(tmp_path):
    """The simplest one: chapters that share an effect of three."""
    rows = [["3", 2.0, 1.5, 2.5, 2 / 3, 1.9, 2.1, "a"], ["5", 1.0, 0.5, 1.5, 1 / 3, 0.9, 1.1, "b"]]
    columns = ["player", "share", "low", "high", "part", "alone", "last", "keys"]
    pd.DataFrame(rows, columns=columns).to_csv(tmp_path / "shares.csv", index=False)
    pairs = pd.DataFrame([["3", "5", 0.1, 0.0, 0.2]], columns=["player_a", "player_b", "interaction", "low", "high"])
    pairs.to_csv(tmp_path / "interactions.csv", index=False)
    told = "\n".join(answers_page.attribute(tmp_path, {"command": "lvjin attribute plan", "posterior": ""}))
    assert "| 3: greener production 三、生产方式绿色化转型 | +2.00 (+1.50 to +2.50) | 67 % | +1.90 | +2.10 |" in told
    assert "| all | +3.00 | 100 % | | |".replace("| | |", "|  |  |") in told
    assert "chapters 3 and 5: +0.10 (+0.00 to +0.20)" in told
