"""The bundle opens everywhere, equal results are equal bytes, and a kill never leaves half a file."""

import hashlib
import json
import os
import signal
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import small_runs

from sim.configuration.table_schema import Column, Constraints, TableSchema
from sim.results.atomic import Folder
from sim.results.bundle import EXCEL, TABLES, bundle_schema, json_bytes, tables, write_bundle
from sim.results.canonical import csv_bytes, excel_bytes, neutral
from sim.results.integrity import IntegrityError


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """A bundle of two scenarios with micro data."""
    return small_runs.both().save(tmp_path_factory.mktemp("bundle") / "out", ["lvjin", "run", "plan"])


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def complaints_about(folder):
    """What frictionless finds wrong with a bundle."""
    from frictionless import Package

    report = Package(str(folder / "datapackage.json")).validate()
    assert report.stats["tasks"] > 5
    return report.flatten(["title", "message"])


def schema_of(key="name", **columns):
    fields = [
        Column(name=name, type=kind, unit="1", title_zh="-", title_en="-", constraints=Constraints(required=needed))
        for name, (kind, needed) in columns.items()
    ]
    return TableSchema(fields=fields, primaryKey=key, name="test")


def test_every_table_is_there_and_described(bundle):
    package = json.loads((bundle / "datapackage.json").read_text(encoding="utf-8"))
    assert package["$schema"].startswith("https://datapackage.org/profiles/2.0/")
    assert {resource["name"] for resource in package["resources"]} == set(TABLES)
    for resource in package["resources"]:
        content = (bundle / resource["path"]).read_bytes()
        assert resource["bytes"] == len(content)
        assert resource["hash"] == "sha256:" + hashlib.sha256(content).hexdigest()
        for field in resource["schema"]["fields"]:
            assert field["title_zh"]
            assert field["title_en"]
            assert field["type"] != "number" or field["unit"]


def test_frictionless_finds_it_valid(bundle):
    assert not complaints_about(bundle)


def test_frictionless_finds_a_changed_byte(bundle, tmp_path):
    for name, content in contents(bundle).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    content = bytearray((tmp_path / "alignment.csv").read_bytes())
    content[-2] = ord("1") if content[-2] != ord("1") else ord("2")
    (tmp_path / "alignment.csv").write_bytes(bytes(content))
    assert complaints_about(tmp_path)


def test_pyam_opens_it(bundle):
    import pyam

    frame = pyam.IamDataFrame(str(bundle / "iamc.csv"))
    assert set(frame.scenario) == {f"{name}{end}" for name in ("baseline", "plan") for end in ("", "|p5", "|p95")}
    assert frame.region == ["China|Chongqing|Jiangjin"]
    found = frame.filter(scenario="plan", variable="Revenue|Green Industry", year=2025).data.value.iloc[0]
    summary = small_runs.both().summary.query("scenario == 'plan' and variable == 'Revenue|Green Industry'")
    assert found == summary.set_index("year").p50[2025]


def test_pandas_reads_back_the_same_bits(bundle):
    read = pd.read_csv(bundle / "years.csv")
    assert list(read) == list(small_runs.both().years)
    told = small_runs.both().years.astype({"scenario": str, "variable": str})
    told = told.sort_values(["scenario", "replicate", "variable", "period"], kind="stable")
    assert read.value.tolist() == told.value.tolist()
    assert read.variable.tolist() == told.variable.tolist()


def test_files_are_canonical(bundle):
    for path in bundle.glob("*.csv"):
        content = path.read_bytes()
        assert not content.startswith(b"\xef\xbb\xbf")
        assert b"\r" not in content
        assert content.endswith(b"\n")
        assert b",nan" not in content.lower()
        assert b",inf" not in content.lower()
    for path in (bundle / EXCEL).glob("*.csv"):
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")


def test_the_run_says_what_it_was(bundle):
    run = json.loads((bundle / "run.json").read_text(encoding="utf-8"))
    assert run["command"] == ["lvjin", "run", "plan"]
    assert [scenario["name"] for scenario in run["scenarios"]] == ["baseline", "plan"]
    assert len({scenario["parameter_sha256"] for scenario in run["scenarios"]}) == 2
    assert run["scenarios"][0]["size"] == "toy"
    assert len(run["code"]["sha256"]) == len(run["data_sha256"]) == 64
    assert set(run["residuals"].values()) == {0}
    assert run["scenarios"][1]["changes"]


def test_the_same_run_writes_the_same_bytes(bundle, tmp_path):
    again = contents(small_runs.both().save(tmp_path, ["another", "command"]))
    before = contents(bundle)
    assert before.pop("run.json") != again.pop("run.json")
    assert again == before


def test_a_second_bundle_replaces_the_first_and_nothing_else(tmp_path):
    folder = tmp_path / "out"
    small_runs.both().save(folder)
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    (folder / f".years.csv.writing-{os.getpid() + 1}").write_text("left by a kill", encoding="utf-8")
    short = small_runs.simulate(small_runs.scenario(until="2021Q3"), replicates=1, populations=1)
    short.save(folder)
    names = set(contents(folder))
    assert {"notes.txt", "years.csv", "quarters.csv", "run.json", "datapackage.json"} <= names
    assert not {"firms.csv", "links.csv", "iamc.csv", f"{EXCEL}/firms.csv"} & names
    assert not any(".writing-" in name for name in names)


def test_a_bundle_without_a_complete_year_is_valid(tmp_path):
    short = small_runs.simulate(small_runs.scenario(until="2021Q1"), replicates=1, populations=1)
    assert not complaints_about(short.save(tmp_path))


def test_a_table_with_no_number_is_refused_and_nothing_is_written(tmp_path, monkeypatch):
    ensemble = small_runs.simulate(small_runs.scenario(until="2021Q4"), replicates=1, populations=1)
    ensemble.bridge["value"] = np.nan
    years = ensemble.years.copy()
    years.loc[3, "value"] = np.inf
    monkeypatch.setitem(ensemble.__dict__, "years", years)
    with pytest.raises(IntegrityError, match="years: a cell in the column value is no number"):
        write_bundle(ensemble, tmp_path / "out")
    assert contents(tmp_path) == {}


@pytest.mark.parametrize("name", [name for name in TABLES if name != "iamc"])
def test_schemas_hold_both_languages_and_a_key(name):
    schema = bundle_schema(name)
    assert schema.name == name
    assert schema.title_zh
    assert schema.title_en
    assert schema.description_zh
    assert schema.description_en
    assert schema.primaryKey
    assert set(schema.primaryKey) <= set(schema.names)


def test_schemas_are_those_of_the_tables():
    told = {schema.name for _, schema in tables(small_runs.both())}
    assert told == set(TABLES)


def test_numbers_are_shortest_and_rows_sorted():
    schema = schema_of(name=("string", True), count=("integer", True), value=("number", True), flag=("boolean", True))
    frame = pd.DataFrame(
        {"name": ["b", "风", "a,c"], "count": [2, 3, 1], "value": [0.1 + 0.2, -0.0, 1e22], "flag": [True, False, True]}
    )
    assert csv_bytes(frame, schema).decode() == (
        'name,count,value,flag\n"a,c",1,1e+22,true\nb,2,0.30000000000000004,true\n风,3,0.0,false\n'
    )


def test_random_floats_come_back_bit_by_bit():
    bits = np.random.default_rng(1).integers(0, 2**63, 20_000, dtype=np.int64)
    values = bits.view(np.float64)
    values = values[np.isfinite(values)]
    frame = pd.DataFrame({"name": np.arange(len(values)), "value": values})
    text = csv_bytes(frame, schema_of(name=("integer", True), value=("number", True))).decode()
    back = [float(line.split(",")[1]) for line in text.splitlines()[1:]]
    assert back == values.tolist()


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (pd.DataFrame({"name": ["a", "a"], "value": [1.0, 2.0]}), "the key a comes twice"),
        (pd.DataFrame({"name": ["a"], "value": [np.nan]}), "is no number"),
        (pd.DataFrame({"name": ["a"], "value": [np.inf]}), "is no number"),
        (pd.DataFrame({"name": [""], "value": [1.0]}), "an empty cell"),
        (pd.DataFrame({"name": ["a\rb"], "value": [1.0]}), "a text of several lines"),
        (pd.DataFrame({"name": ["a"]}), "wanted name, value"),
    ],
)
def test_broken_tables_are_refused(frame, words):
    with pytest.raises(IntegrityError, match=words):
        csv_bytes(frame, schema_of(name=("string", True), value=("number", True)))


def test_a_number_that_does_not_apply_is_an_empty_cell():
    frame = pd.DataFrame({"name": ["a", "b"], "value": [np.nan, 2.0]})
    assert csv_bytes(frame, schema_of(name=("string", True), value=("number", False))) == b"name,value\na,\nb,2.0\n"


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠x", "'x"])
def test_texts_for_spreadsheets_are_neutral_and_come_back(start):
    assert neutral(start) == "'" + start
    assert neutral(start)[1:] == start
    assert neutral("x" + start) == "x" + start


def test_only_texts_are_guarded():
    frame = pd.DataFrame({"name": ["=1", "-a"], "value": [-1.0, -2.0]})
    content = excel_bytes(frame, schema_of(name=("string", True), value=("number", True)))
    assert content.decode("utf-8-sig") == "name,value\n'-a,-2.0\n'=1,-1.0\n"


KILLER = """
import os, pathlib, signal, sys
from sim.results import atomic

left = int(sys.argv[2])

def counted(function):
    def call(*arguments, **words):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **words)
    return call

os.fsync = counted(os.fsync)
os.open = counted(os.open)
pathlib.Path.replace = counted(pathlib.Path.replace)
pathlib.Path.unlink = counted(pathlib.Path.unlink)
pathlib.Path.open = counted(pathlib.Path.open)
with atomic.Folder(pathlib.Path(sys.argv[1])) as folder:
    for name in ("a.csv", "excel/a.csv", "b.csv", "datapackage.json"):
        folder.write(name, b"new " * 50_000)
    folder.publish(no_longer=["gone.csv"])
"""


def test_a_kill_at_any_write_leaves_each_file_old_or_new(tmp_path):
    names = ("a.csv", "excel/a.csv", "b.csv", "datapackage.json", "gone.csv")
    old, new = b"old " * 1000, b"new " * 50_000
    kills = 0
    for moment in range(100):
        folder = tmp_path / str(moment)
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(old)
        done = subprocess.run([sys.executable, "-c", KILLER, str(folder), str(moment)], check=False)
        found = {name: (folder / name).read_bytes() for name in names if (folder / name).exists()}
        assert set(found.values()) <= {old, new}
        assert set(names) - set(found) <= {"gone.csv"}
        if found["datapackage.json"] == new:
            assert all(content == new for content in found.values())
        if done.returncode == 0:
            assert not list(folder.rglob(".*writing*"))
            break
        assert done.returncode == -signal.SIGKILL
        kills += 1
    assert done.returncode == 0
    assert kills > 10


def test_a_failed_write_leaves_nothing_behind(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"old")

    def failing():
        with Folder(tmp_path) as folder:
            folder.write("a.csv", b"new")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        failing()
    assert contents(tmp_path) == {"a.csv": b"old"}


def test_json_refuses_what_is_no_number():
    with pytest.raises(ValueError, match="JSON"):
        json_bytes({"value": float("nan")})
