"""The notebook for users of Mesa runs as it stands, and tells what the command line tells for that seed."""

import json
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import pandas as pd
import pytest
from conftest import ROOT

from experiments import cli

NOTEBOOK = ROOT / "docs" / "mesa.ipynb"


def cells(path: Path = NOTEBOOK) -> list[str]:
    """The code cells, in order."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]


def play(path: Path = NOTEBOOK) -> dict:
    """What stands in a notebook's memory after all cells, and what they printed."""
    names = {"__name__": "notebook", "printed": []}
    names["print"] = lambda *words: names["printed"].append(" ".join(map(str, words)))
    for number, source in enumerate(cells(path)):
        exec(compile(source, f"cell {number}", "exec"), names)
    return names


@pytest.fixture(scope="module")
def played() -> dict:
    """The notebook for users of Mesa, run to its end."""
    matplotlib.use("Agg")
    plt.close("all")
    return play()


def test_the_first_cell_is_ten_lines():
    assert len([line for line in cells()[0].splitlines() if line.strip()]) <= 10


def test_it_steps_to_the_end_selects_firms_and_plots(played):
    assert played["model"].quarter == "2025Q4"
    assert 0 < len(played["paper"]) < len(played["model"].agents)
    (axes,) = plt.figure(plt.get_fignums()[-1]).axes
    assert [len(line.get_ydata()) for line in axes.lines] == [20, 20]


def test_it_finds_the_same_numbers_as_simulate(played):
    assert "the same to the last digit" in played["printed"]


def test_it_finds_the_same_numbers_as_the_command_line(played, tmp_path, capfd):
    words = ["run", "plan", "--firms", "600", "--seed", "1", "--replicates", "1", "--quiet", "--out", str(tmp_path)]
    with pytest.raises(SystemExit) as caught:
        cli.main(words)
    assert not caught.value.code, capfd.readouterr().err
    told = pd.read_csv(tmp_path / "years.csv").set_index(["variable", "period"])["value"]
    shown = played["model"].years.set_index(["variable", "period"])["value"]
    assert shown.sort_index().to_dict() == told.sort_index().to_dict()


def test_its_sweep_moves_the_lever(played):
    rows = played["rows"]
    assert len(rows) == 4
    in_use = rows.groupby("policy.retrofit_grant.share")["options_in_use"].sum()
    assert in_use[0.3] != in_use[0.0]
