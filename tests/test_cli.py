"""The command line answers in sentences and exit codes, never in tracebacks; its help does not wait for the model."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from tiny_configs import FILES, write_tree

from experiments import cli, commands_check, commands_explain
from experiments.commands_list import TOPICS, lever_page
from sim.configuration.parameters import ConfigError, Problem, load_declarations
from sim.scenario import levers


def run(*words: object, code: int = 0, capfd=None) -> tuple[str, str]:
    """Run a command in this process; return what it wrote to both streams."""
    with pytest.raises(SystemExit) as caught:
        cli.main([str(word) for word in words])
    assert (caught.value.code or 0) == code
    return capfd.readouterr()


def test_help_lists_the_commands_in_both_languages(capfd):
    out, _ = run("--help", capfd=capfd)
    for words in ("check", "检查参数", "explain", "解释参数", "list", "列出情景"):
        assert words in out


@pytest.mark.parametrize("command", ["check", "explain", "list"])
def test_every_command_has_an_example_and_the_common_options(command, capfd):
    out, _ = run(command, "--help", capfd=capfd)
    assert f"Example: lvjin {command}" in out
    for option in ("--seed", "--quiet", "--verbose", "--debug"):
        assert option in out


def test_help_does_not_load_the_model():
    heavy = ["agents", "matplotlib", "numba", "numpy", "pandas", "pydantic", "sim", "yaml"]
    code = f"import sys, experiments.cli; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_explaining_does_not_load_the_compiler():
    code = (
        "import sys, contextlib, experiments.cli\n"
        "with contextlib.suppress(SystemExit): experiments.cli.main(['explain', 'policy.carbon_price.price'])\n"
        "assert not {'numba', 'pandas'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)


def test_a_mistyped_command_is_a_usage_error_with_a_suggestion(capfd):
    _, err = run("chek", code=2, capfd=capfd)
    assert "Did you mean 'check'?" in err


def test_an_unknown_key_exits_with_2_and_a_suggestion(capfd):
    out, err = run("explain", "policy.carbon_prise.price", code=2, capfd=capfd)
    assert out == ""
    assert err.splitlines()[0] == (
        "explain: policy.carbon_prise.price: found an unknown key; allowed: a declared key (`lvjin list parameters`). "
        "Did you mean policy.carbon_price.price?"
    )
    assert "Traceback" not in err


def test_an_unknown_topic_exits_with_2(capfd):
    _, err = run("list", "sector", code=2, capfd=capfd)
    assert "Did you mean sectors?" in err


def test_a_parameter_has_a_card(capfd):
    out, _ = run("explain", "policy.carbon_price.price", capfd=capfd)
    entry = load_declarations()["policy.carbon_price.price"]
    for words in (entry.name_zh, entry.name_en, "元/t", "范围 Bounds", "证据 Evidence", "规划章节 Plan section"):
        assert words in out
    assert "agents.government.Policy.carbon_price_price" in out
    assert "agents.government.carbon_price\n" in out  # found in the source text
    assert f"{entry.file}:{entry.line}" in out
    assert all(load_declarations().sources[key].title in out for key in entry.source)


def test_a_structural_parameter_says_that_it_holds_for_the_whole_run(capfd):
    out, _ = run("explain", "behaviour.base_attention", capfd=capfd)
    assert "结构性，全程有效 structural" in out
    assert "@2024" not in out


def test_every_parameter_has_a_card():
    declarations = load_declarations()
    for entry in declarations.values():
        assert len(list(commands_explain.card(entry, declarations))) >= 8


def test_readers_are_found_by_annotation_and_by_name(tmp_path):
    (tmp_path / "agents").mkdir()
    (tmp_path / "sim").mkdir()
    (tmp_path / "agents" / "rules.py").write_text(
        "def mine(rules: Behaviour):\n    return rules.base_attention\n"
        "def named(x, behaviour):\n    return x.behaviour.base_attention\n"
        "def other(firm):\n    return firm.base_attention\n"
    )
    entry = load_declarations()["behaviour.base_attention"]
    assert commands_explain.readers(entry, tmp_path) == ["agents.rules.mine", "agents.rules.named"]


@pytest.mark.parametrize("topic", ["scenarios", "levers", "sectors", "options", "parameters", "variables"])
def test_lists_are_lines_of_cells_when_they_are_not_on_a_terminal(topic, capfd):
    out, _ = run("list", topic, capfd=capfd)
    rows = [line.split("\t") for line in out.splitlines()]
    assert len(rows) > 2
    assert {len(row) for row in rows} == {len(rows[0])}


def test_levers_are_listed_with_their_values(capfd):
    out, _ = run("list", "levers", capfd=capfd)
    assert [line.split("\t")[0] for line in out.splitlines()[1:]] == [lever.key for lever in levers()]


def test_levers_read_well_on_a_terminal():
    found = levers()
    lines = list(lever_page(found, load_declarations()))
    text = "\n".join(lines)
    assert text.count("→") == len(found)
    for lever in found:
        assert f"{lever.name_zh} · {lever.name_en}" in text
        assert all(f"  {key}: " in text for key in lever.source)
    assert max(map(len, lines)) < 220


def test_topics_are_those_of_the_documentation():
    assert list(TOPICS) == ["scenarios", "levers", "sectors", "options", "parameters", "variables"]


def test_the_schema_for_editors_is_json(capfd):
    out, _ = run("check", "--schema", capfd=capfd)
    assert json.loads(out)["$defs"]["Entry"]["additionalProperties"] is False


def test_a_correct_file_is_correct(tmp_path, capfd):
    root = write_tree(tmp_path)
    for name in ("behaviour.yaml", "policy/grant.yaml", "scenarios/plan.yaml", "units.yaml", "sources/tests.yaml"):
        out, err = run("check", root / name, "--verbose", capfd=capfd)
        assert "configuration is correct" in out
        assert err == ""
    assert run("check", root / "behaviour.yaml", "--quiet", capfd=capfd) == ("", "")


def test_all_mistakes_of_all_files_are_told_at_once(tmp_path, capfd):
    root = write_tree(
        tmp_path,
        policy__grant=FILES["policy/grant.yaml"].replace("value: 0.06", "value: 6.0"),
        behaviour=FILES["behaviour.yaml"].replace("unit: share", "unit: shares"),
    )
    table = root / "tables" / "firms.csv"
    table.parent.mkdir()
    table.write_text("firm\n1\n")
    paths = [root / "policy" / "grant.yaml", root / "behaviour.yaml", table, tmp_path / "nowhere.yaml"]
    _, err = run("check", *paths, code=2, capfd=capfd)
    assert len(err.splitlines()) == 5
    for words in (
        "Write 0.06.",
        "'shares'",
        "firms.schema.yaml: found no readable file",
        "nowhere.yaml: found no",
    ):
        assert words in err
    assert "4 problems; put right and try again." in err.splitlines()[-1]


def test_a_scenario_outside_the_project_is_checked_against_its_parameters(tmp_path, capfd):
    path = tmp_path / "mine.yaml"
    text = FILES["scenarios/baseline.yaml"].replace("{}", "\n  policy.carbon_prise.price: 80")
    path.write_text(text, encoding="utf-8")
    _, err = run("check", path, code=2, capfd=capfd)
    assert "mine.yaml:6: policy.carbon_prise.price: found an unknown key" in err
    assert "Did you mean policy.carbon_price.price?" in err


def test_a_file_of_unknown_kind_is_told(tmp_path, capfd):
    path = tmp_path / "behavior.yaml"
    path.write_text("a: 1\n")
    _, err = run("check", path, code=2, capfd=capfd)
    assert "found a file of unknown kind" in err
    assert "Did you mean behaviour?" in err


def test_a_folder_is_checked_whole(tmp_path):
    assert commands_check.folder_problems(tmp_path)[0].found == "no units.yaml"


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (ConfigError([Problem("a.yaml", 1, "k", "x", "y")]), 2, "a.yaml:1: k: found x; allowed: y."),
        (PermissionError(13, "Permission denied", "out/years.csv"), 3, "Permission denied (out/years.csv)"),
        (RuntimeError("a defect"), 1, "RuntimeError: a defect"),
    ],
)
def test_errors_become_sentences_and_codes(error, code, words, monkeypatch, capfd):
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(commands_check, "print_schema", fail)
    _, err = run("check", "--schema", code=code, capfd=capfd)
    assert words in err
    assert "Traceback" not in err
    with pytest.raises(type(error)):
        cli.main(["check", "--schema", "--debug"])


def test_an_interruption_exits_with_130(monkeypatch, capfd):
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(commands_check, "print_schema", interrupt)
    run("check", "--schema", code=130, capfd=capfd)


def test_a_termination_exits_with_143(monkeypatch, capfd):
    monkeypatch.setattr(commands_check, "print_schema", lambda: os.kill(os.getpid(), signal.SIGTERM))
    before = signal.getsignal(signal.SIGTERM)
    try:
        run("check", "--schema", code=143, capfd=capfd)
    finally:
        signal.signal(signal.SIGTERM, before)


def test_another_package_of_the_same_name_is_refused(tmp_path):
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents" / "__init__.py").write_text("")
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import experiments.cli as c; "
    code += f"sys.path.insert(0, {str(tmp_path)!r}); c.main(['list'])"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "Another package is in the way: `agents`" in done.stderr


def test_a_terminal_without_chinese_is_no_error():
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    for words in (["--help"], ["list", "scenarios"], ["list", "nothing"]):
        command = [sys.executable, "-m", "experiments.cli", *words]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
        assert done.returncode == (2 if "nothing" in words else 0)
        assert b"Traceback" not in done.stderr


def test_the_version_is_told(capfd):
    out, _ = run("--version", capfd=capfd)
    assert out.startswith("lvjin ")


def test_a_reader_that_stops_early_is_no_error():
    command = f"{sys.executable} -m experiments.cli list parameters | head -1"
    done = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert done.stdout.startswith("key\t")


MUTATIONS = st.lists(
    st.tuples(
        st.floats(0.0, 1.0),
        st.integers(0, 12),
        st.one_of(
            st.sampled_from(["", "\n", ": ", "- ", "{", "}", "[", "]", "'", "*a", "&a ", "!!int ", "1e3", "-1", "on"]),
            st.sampled_from(
                ["~", "2021-13-01", "2022-01-01: 1\n", "values", "\t", "\0", "\ufeff", "#", "9" * 40, ".inf"]
            ),
            st.text(max_size=3),
        ),
    ),
    min_size=1,
    max_size=6,
)


@given(name=st.sampled_from(sorted(FILES)), mutations=MUTATIONS)
def test_no_broken_file_makes_the_checks_fail(name, mutations, tmp_path_factory):
    root = write_tree(tmp_path_factory.getbasetemp() / "mutations")
    text = FILES[name]
    for place, length, new in mutations:
        start = int(place * len(text))
        text = text[:start] + new + text[start + length :]
    path = root / name
    before = path.read_bytes()
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    try:
        problems = commands_check.file_problems(path)
    finally:
        path.write_bytes(before)
    assert all("\n" not in problem.sentence() for problem in problems)


# The configuration of this project: what must hold of it in every commit that lands.


def test_the_whole_configuration_is_correct(capfd):
    out, err = run("check", capfd=capfd)
    assert "The configuration is correct." in out, err


def test_every_file_of_the_configuration_has_a_kind():
    root = load_declarations().root
    files = [path for path in sorted(root.rglob("*")) if path.suffix in {".yaml", ".csv"}]
    assert [p for path in files for p in map(Problem.sentence, commands_check.file_problems(path))] == []
    assert Path(root / "units.yaml") in files
