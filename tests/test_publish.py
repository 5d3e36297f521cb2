"""Publishing and verifying: every change shows, every row comes again, and a brief needs nothing but itself."""

import html.parser
import json
import shutil

import pytest
import small_runs
from test_questions import lvjin
from test_sweep import design_file

from experiments.commands_publish import publish
from experiments.report import table, write_report
from experiments.sealing import differences, read_seal, seal
from experiments.summary import Section
from sim.configuration.problems import ConfigError


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """A sealed bundle of two scenarios, saved without figures."""
    folder = tmp_path_factory.mktemp("bundle")
    small_runs.both().save(folder, ["lvjin", "run"])
    assert publish(folder, quiet=True) == 0
    return folder


@pytest.fixture
def copy(bundle, tmp_path):
    """The bundle, to be spoilt."""
    return shutil.copytree(bundle, tmp_path / "copy")


def test_publishing_adds_figures_and_the_report(bundle):
    assert (bundle / "figures" / "revenue_fan.zh.png").exists()
    assert (bundle / "report.html").exists()
    sealed = read_seal(bundle)
    assert {"years.csv", "run.json", "report.html", "iamc.csv", "datapackage.json"} <= set(sealed["files"])
    assert {"DICTIONARY.md", "METHODS.md"} <= set(sealed["files"])
    assert differences(bundle, sealed) == []


def test_the_dictionary_holds_every_column_and_the_methods_what_was_run(bundle):
    package = json.loads((bundle / "datapackage.json").read_bytes())
    words = (bundle / "DICTIONARY.md").read_text(encoding="utf-8")
    for resource in package["resources"]:
        assert f"## {resource['path']}" in words
        for column in resource["schema"]["fields"]:
            assert f"| `{column['name']}` |" in words
            assert column["title_zh"].replace("|", "\\|") in words
    told = (bundle / "METHODS.md").read_text(encoding="utf-8")
    record = json.loads((bundle / "run.json").read_bytes())
    assert record["code"]["sha256"][:12] in told
    assert "`plan`: 300 家企业 firms, 2021Q1–2025Q4, 4 次重复" in told
    assert "alignment, never validation" in told


def test_what_was_sealed_verifies_and_its_rows_come_again(bundle, capfd):
    out, _ = lvjin("verify", bundle, "--sample", 3, capfd=capfd)
    assert "All files are as they were sealed" in out
    assert "3 行重算" in out


def test_publishing_again_changes_nothing(copy, capfd):
    before = read_seal(copy)["files"]
    lvjin("publish", copy, capfd=capfd)
    assert read_seal(copy)["files"] == before


def test_a_changed_a_missing_and_a_new_file_show(copy, capfd):
    raw = bytearray((copy / "years.csv").read_bytes())
    raw[-4] ^= 1
    (copy / "years.csv").write_bytes(bytes(raw))
    (copy / "links.csv").unlink()
    (copy / "extra.csv").write_text("a\n")
    found = {(one.name, one.what) for one in differences(copy, read_seal(copy))}
    assert found == {("years.csv", "changed"), ("links.csv", "missing"), ("extra.csv", "new")}
    _, err = lvjin("verify", copy, "--sample", 0, code=5, capfd=capfd)
    assert "3 个文件与封存不符" in err


def test_a_bundle_of_another_posterior_is_not_run_again(copy, capfd):
    record = json.loads((copy / "run.json").read_bytes())
    record["scenarios"][0]["posterior"] = {"sha256": "0" * 64, "draws": 200}
    (copy / "run.json").write_text(json.dumps(record), encoding="utf-8")
    seal(copy, {})
    _, err = lvjin("verify", copy, code=2, capfd=capfd)
    assert "scenarios.baseline.posterior: found 000000000000" in err


def test_an_edited_seal_shows(copy):
    content = read_seal(copy)
    content["files"]["years.csv"]["bytes"] += 1
    assert {one.name for one in differences(copy, content)} == {"seal.json", "years.csv"}


def test_a_row_that_was_made_up_shows_even_under_a_good_seal(copy, capfd):
    path = copy / "years.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    place = next(n for n, line in enumerate(lines) if "baseline,1,3," in line and "Revenue|Green Industry," in line)
    lines[place] = lines[place].rpartition(",")[0] + ",999.0\n"
    path.write_text("".join(lines), encoding="utf-8")
    seal(copy, {})
    _, err = lvjin("verify", copy, "--sample", 8, code=5, capfd=capfd)
    assert "baseline, replicate 3" in err
    assert "plan" not in err


def test_what_other_code_made_is_not_run_again(copy, capfd):
    record = json.loads((copy / "run.json").read_bytes())
    record["code"]["sha256"] = "0" * 64
    (copy / "run.json").write_text(json.dumps(record), encoding="utf-8")
    seal(copy, {})
    _, err = lvjin("verify", copy, code=2, capfd=capfd)
    assert "code_sha256" in err
    lvjin("verify", copy, "--sample", 0, capfd=capfd)


def test_without_a_seal_or_results_it_is_said(tmp_path, capfd):
    lvjin("verify", tmp_path, code=2, capfd=capfd)
    lvjin("publish", tmp_path, code=2, capfd=capfd)
    lvjin("report", tmp_path, code=3, capfd=capfd)
    with pytest.raises(ConfigError):
        read_seal(tmp_path)


def test_the_runs_of_a_sweep_come_again(tmp_path, capfd):
    folder = tmp_path / "out"
    lvjin("sweep", design_file(tmp_path), "--out", folder, "--quiet", capfd=capfd)
    lvjin("publish", folder, capfd=capfd)
    out, _ = lvjin("verify", folder, "--sample", 3, capfd=capfd)
    assert "3 行重算，字节相同" in out
    path = folder / "years.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(".", "0.", 1), encoding="utf-8")
    seal(folder, {})
    lvjin("verify", folder, "--sample", 4, code=5, capfd=capfd)
    record = json.loads((folder / "sweep.json").read_bytes())
    record["data_sha256"], record["libraries"]["numpy"] = "0" * 64, "0.1"
    (folder / "sweep.json").write_text(json.dumps(record), encoding="utf-8")
    seal(folder, {})
    _, err = lvjin("verify", folder, code=2, capfd=capfd)
    assert "data_sha256" in err  # the posterior counts as data
    assert "libraries.numpy: found 0.1" in err


def test_a_comparison_comes_again_as_a_whole_and_a_made_up_effect_shows(tmp_path, capfd):
    words = ("--firms", 300, "--until", "2022Q4", "--replicates", 2, "--out", tmp_path)
    lvjin("compare", "baseline", "plan", *words, "--quiet", capfd=capfd)
    lvjin("publish", tmp_path, "--quiet", capfd=capfd)
    out, _ = lvjin("verify", tmp_path, capfd=capfd)
    assert "2 行重算" in out  # both tables
    path = tmp_path / "compare.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[-1] = lines[-1].rstrip("\n").rpartition(",")[0] + ",7.0\n"
    path.write_text("".join(lines), encoding="utf-8")
    seal(tmp_path, {})
    _, err = lvjin("verify", tmp_path, code=5, capfd=capfd)
    assert "compare.csv" in err
    assert "changed_firms.csv" not in err


def test_an_answer_without_runs_of_its_own_says_so(tmp_path, capfd):
    (tmp_path / "answer.json").write_text("{}", encoding="utf-8")
    seal(tmp_path, {})
    _, err = lvjin("verify", tmp_path, code=2, capfd=capfd)
    assert "runs that lie in another folder" in err
    lvjin("verify", tmp_path, "--sample", 0, capfd=capfd)


class Reader(html.parser.HTMLParser):
    """Collects tags, addresses and languages of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "img", "input", "br", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_a_report_is_one_file_in_both_languages(bundle):
    text = (bundle / "report.html").read_text(encoding="utf-8")
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    assert reader.tags.count("main") == 2
    assert reader.tags.count("img") >= 6
    assert all(address.startswith("data:image/png;base64,") for address in reader.addresses)
    assert "script" not in reader.tags
    for words in ("江津绿色产业发展模拟简报", "a brief from simulations", 'lang="zh-CN"', 'lang="en"'):
        assert words in text


def test_a_name_that_looks_like_markup_is_shown_as_text():
    bad = "<script>alert(1)</script>"
    text = "".join(table(Section(bad, ["", bad], [[bad, bad]], [bad])))
    assert "<script>" not in text
    assert text.count("&lt;script&gt;") == 5


def test_a_report_can_be_written_anew(copy):
    before = (copy / "report.html").read_bytes()
    assert write_report(copy).read_bytes() == before
