"""What the READMEs show has been run: their Python, their commands, their scenario, their numbers."""

import re
import shlex
from pathlib import Path

import pytest
from conftest import ROOT

from experiments import bundle_page, cli, readme
from experiments.marked import replaced
from experiments.readme import BEGIN, END, FILES, PICTURES, refresh
from experiments.results import Results
from experiments.summary import span

SMALL = ["--firms", "600", "--replicates", "2", "--until", "2022Q4", "--quiet"]


def blocks(file: str, language: str) -> list[str]:
    """Code between fences of a language."""
    text = (ROOT / file).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands(file: str) -> list[list[str]]:
    """Every command line of `lvjin` in a README, as words."""
    lines = "".join(blocks(file, "")).splitlines()
    return [shlex.split(line, comments=True) for line in lines if line.startswith("lvjin ")]


@pytest.fixture
def elsewhere(tmp_path, monkeypatch) -> Path:
    """A folder to work in, with the READMEs' scenario in it."""
    (tmp_path / "my_scenario.yaml").write_text(blocks("README.md", "yaml")[0], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("file", FILES.values())
def test_the_python_of_a_readme_runs(file, elsewhere, capfd):
    (source,) = blocks(file, "python")
    exec(compile(source, file, "exec"), {"__name__": "readme"})
    out = capfd.readouterr().out
    assert "P = " in out
    assert "2025" in out
    assert "policy." in out
    assert (elsewhere / "results" / "my-run" / "years.csv").exists()


@pytest.mark.parametrize("words", commands("README.md"), ids=" ".join)
def test_a_command_of_the_readme_runs(words, elsewhere, capfd):
    small = SMALL if words[1] == "run" else []
    with pytest.raises(SystemExit) as caught:
        cli.main([*words[1:], *small])
    assert not caught.value.code, capfd.readouterr().err


def test_there_are_commands_to_run():
    assert {words[1] for words in commands("README.md")} == {"run", "list", "explain", "check"}


def test_both_readmes_show_the_same():
    english, chinese = FILES["en"], FILES["zh"]
    assert commands(english) == commands(chinese)
    assert blocks(english, "yaml") == blocks(chinese, "yaml")
    headings = [re.findall(r"^#+ ", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE) for file in FILES.values()]
    assert headings[0] == headings[1]


@pytest.mark.parametrize("file", [*FILES.values(), "docs/odd.md", "docs/bundle.md", "benchmarks/README.md"])
def test_local_links_lead_somewhere(file):
    path = ROOT / file
    for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("readme") / "bundle"
    with pytest.raises(SystemExit):
        cli.main(["run", "--firms", "600", "--replicates", "4", "--quiet", "--out", str(folder)])
    return folder


def test_numbers_and_pictures_are_refreshed_from_a_bundle(bundle, tmp_path):
    for file in FILES.values():
        (tmp_path / file).write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    written = refresh(bundle, tmp_path)
    results = Results.read(bundle)
    for file in FILES.values():
        text = (tmp_path / file).read_text(encoding="utf-8")
        assert text.startswith("before\n")
        assert text.endswith("after\n")
        assert "old" not in text
        assert "600" in text
        for branch in results.branches:
            assert span(branch.at("Revenue|Green Industry", 2025), 0) in text
        for picture in re.findall(r"\]\((docs/[^)]+)\)", text):
            assert (tmp_path / picture).exists()
    assert len(written) == len(FILES) * (1 + len(PICTURES))
    again = {path: path.read_bytes() for path in written}
    refresh(bundle, tmp_path)
    assert {path: path.read_bytes() for path in written} == again


def test_a_run_that_is_no_forecast_is_not_published(tmp_path):
    with pytest.raises(SystemExit):
        cli.main(["run", "plan", *SMALL, "--out", str(tmp_path)])
    with pytest.raises(ValueError, match="no forecast"):
        refresh(tmp_path)


def test_a_readme_without_marks_is_refused():
    with pytest.raises(ValueError, match="no part between"):
        replaced("no marks here", "content", BEGIN, END)


def test_the_page_of_the_bundle_is_that_of_the_schemas():
    text = bundle_page.PAGE.read_text(encoding="utf-8")
    assert bundle_page.page(text) == text, "run `python -m experiments.bundle_page`"
    assert all(f"### {name}.csv" in text for name in bundle_page.TABLES)


def test_the_readmes_hold_published_numbers():
    for file in FILES.values():
        text = (ROOT / file).read_text(encoding="utf-8")
        part = text.partition(BEGIN)[2].partition(END)[0]
        assert "5,000" in part
        assert part.count("| ---") >= 3
    assert readme.BUNDLE.name == "-".join(readme.SCENARIOS)
