"""Declarations are read safely, completely and with every mistake told at once."""

import datetime
import time
from pathlib import Path

import pytest
import tiny_configs
from hypothesis import example, given
from hypothesis import strategies as st
from tiny_configs import FILES, write_tree

from sim.configuration.declarations import entry_schema
from sim.configuration.parameters import PARAMETER_GROUPS, ConfigError, field_mismatches, load_declarations
from sim.configuration.problems import Problem, did_you_mean
from sim.configuration.yaml_reader import number_text, parse_yaml


def read(text: str | bytes) -> tuple[object, list[Problem]]:
    problems: list[Problem] = []
    raw = text if isinstance(text, bytes) else text.encode()
    return parse_yaml(raw, "file.yaml", problems).content, problems


def problems_of(root: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_declarations(root)
    return [problem.sentence() for problem in caught.value.problems]


# The reader of YAML.


def test_plain_values_are_read():
    content, problems = read("a: 1\nb: 2.5\nc: [x, 2021-01-01, true, on, ~]\n2021-01-01: 'no'\nd: |\n  1e3\n")
    assert problems == []
    assert content == {
        "a": 1,
        "b": 2.5,
        "c": ["x", datetime.date(2021, 1, 1), True, "on", None],
        datetime.date(2021, 1, 1): "no",
        "d": "1e3\n",
    }


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("1e3", "Write 1000 for the number, '1e3' in quotes if a text is meant."),
        ("1e-7", "Write 1.0e-07 for the number"),
        ("012", "Write 12 for the number"),
        ("no", "Write on or off for a switch, 'no' in quotes"),
        ("Off", "Write on or off for a switch"),
        ("1:30", "Write '1:30' in quotes"),
        ("1_000", "Write '1_000' in quotes"),
        (".nan", ""),
        (".inf", ""),
        ("1.0e+999", ""),
        ("0x1F", ""),
        ("2021-13-45", ""),
        ("9" * 5000, ""),
        ("<<", ""),
    ],
)
def test_what_readers_of_yaml_take_differently_is_refused(text, hint):
    _, problems = read(f"key: {text}\n")
    assert [(problem.line, problem.key) for problem in problems] == [(1, "key")]
    assert hint in problems[0].suggestion


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: 1\na: 2\n", "the same key a second time"),
        ("a: {b: 1, b: [2]}\n", "the same key a second time"),
        ("2021-01-01: 1\n'2021-01-01': 2\n", "the same key a second time"),
        ("a: &x 1\nb: *x\n", "the alias *x"),
        ("a: !!int ''\n", "the tag 'tag:yaml.org,2002:int'"),
        ("a: !!python/object:os.system x\n", "the tag"),
        ("a: 1\n---\nb: 2\n", "a second document"),
        ("? [1]\n: 2\n", "a list or mapping as a key"),
        ("~: 2\n", "an empty key"),
        ("a: b: c\n", "no YAML"),
        ("a:\n\t- 1\n", "no YAML"),
        ("a: '\0'\n", "no YAML"),
        ("[" * 3000, ""),
        ("- " * 40 + "x", "more than 32 levels"),
        ("- 1\n" * 100_001, "more than 100000 values"),
        ("#" * (1 << 20) + "#", "bytes"),
    ],
)
def test_what_cannot_be_meant_is_refused(text, found):
    start = time.monotonic()
    _, problems = read(text)
    assert time.monotonic() - start < 5.0
    assert found in problems[0].found


def test_an_alias_bomb_is_refused_at_once():
    bomb = "a: &a [x,x,x]\n" + "".join(
        f"{c}: &{c} [*{p},*{p},*{p}]\n" for p, c in zip("abcdefg", "bcdefgh", strict=True)
    )
    _, problems = read(bomb)
    assert problems
    assert all("alias" in problem.found for problem in problems)


def test_a_file_in_another_encoding_is_refused_with_its_line():
    _, problems = read("a: 1\nb: 江津\n".encode("gb18030"))
    assert [(problem.line, problem.found) for problem in problems] == [(2, "bytes that are not UTF-8")]


def test_a_byte_order_mark_and_windows_lines_are_accepted():
    assert read("\ufeffa: 1\r\nb: 江津\r\n".encode()) == ({"a": 1, "b": "江津"}, [])


YAML_WORDS = (
    """a|b: |- |1e3|012|no|!!int ''|&x|*x|<<: |---|2021-13-45|2021-01-01|!!timestamp x|!!float 'x'|.nan|%YAML 1.1"""
)
YAML_PIECES = st.sampled_from([*"[]{}:,-?&*!|>'\"%@`#~ \n\t\0\\江\ufeff\x85", "\n  ", "\n", *YAML_WORDS.split("|")])


@given(st.one_of(st.binary(max_size=200), st.lists(YAML_PIECES, max_size=60).map("".join).map(str.encode)))
@example(b"\xff\xfea\x00")
@example(b"a: !!timestamp x")
def test_no_text_makes_the_reader_fail(raw):
    content, problems = read(raw)
    assert all(problem.sentence() and "\n" not in problem.sentence() for problem in problems)
    if not problems:
        assert isinstance(content, (dict, list, str, int, float, datetime.date))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_written_number_is_read_as_the_same_number(number):
    content, problems = read(f"a: {number_text(number)}")
    assert problems == []
    assert content["a"] == number


# Declarations.


def test_a_good_tree_is_read(tmp_path):
    declarations = load_declarations(write_tree(tmp_path))
    price = declarations["policy.carbon_price.price"]
    assert list(declarations) == sorted(declarations)
    assert (price.group, price.field, price.unit, price.bounds) == (
        "policy",
        "carbon_price_price",
        "元/t",
        (0.0, 2000.0),
    )
    assert (price.file, price.line) == ("configs/policy/carbon_price.yaml", 1)
    assert declarations["behaviour.base_attention"].sampled
    assert declarations["policy.grant.deadline"].path()[0][1] == 19.0  # 2025Q4


def test_a_dated_value_holds_from_its_day_until_the_next(tmp_path):
    price = load_declarations(write_tree(tmp_path))["price.coal_price"]
    days = [datetime.date(2021, 6, 30), datetime.date(2021, 7, 1), datetime.date(2022, 4, 1), datetime.date(2030, 1, 1)]
    assert [price.value_at(day) for day in days] == [600.0, 900.0, 900.0, 900.0]
    assert [price.value_at(day, "conditional") for day in days] == [600.0, 900.0, 1100.0, 1000.0]


def test_every_mistake_of_every_file_is_told_in_one_pass(tmp_path):
    root = write_tree(
        tmp_path,
        behaviour=FILES["behaviour.yaml"].replace("value: 0.15", "value: 1e3").replace("name_zh: 同伴", "nme_zh: 同伴"),
        price=FILES["price.yaml"].replace("unit: 元/t", "unit: 元/吨").replace("[paper]", "[papre]"),
        policy__grant=FILES["policy/grant.yaml"]
        .replace("value: 0.06", "value: 6.0")
        .replace("lever: true", "levr: true"),
    )
    told = problems_of(root)
    assert len(told) == len(set(told)) == 8
    assert told[0].startswith("configs/behaviour.yaml:1: base_attention.value: found '1e3'")
    assert "behaviour.peer_weight.nme_zh: found an unknown key;" in told[1] + told[2]
    assert "Did you mean name_zh?" in told[1] + told[2]
    assert "behaviour.peer_weight.name_zh: found nothing; allowed: the name in Chinese." in told[1] + told[2]
    assert any("policy.grant.share.levr" in line and "Did you mean lever?" in line for line in told)
    assert any(line.startswith("configs/price.yaml:4: price.coal_price.unit: found '元/吨'") for line in told)
    assert any("'papre'; allowed: keys of configs/sources/. Did you mean paper?" in line for line in told)


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        (
            "policy__grant",
            "value: 0.06",
            "value: 6.0",
            "found 6; allowed: 0 to 0.5. Was it meant in per cent? Write 0.06.",
        ),
        ("policy__grant", "value: 0.06", "value: true", "policy.grant.share.value: found True; allowed: a number"),
        ("policy__grant", "value: 0.06", "value: '0.06'", "policy.grant.share.value: found '0.06'"),
        ("policy__grant", "  value: 0.06\n", "", "found both or neither of `value` and `values`"),
        ("policy__grant", "lower: 0.0", "lower: 0.7", "found 0.7 above the upper bound; allowed: at most 0.5"),
        ("policy__grant", "upper: 0.5\n", "\n", "policy.grant.share.upper: found nothing"),
        ("policy__grant", "value: off", "value: 0", "found 0.0; allowed: on or off, as the unit is switch"),
        ("policy__grant", "value: 2025-12-31", "value: 2025.0", "allowed: a day such as 2022-01-01"),
        ("policy__grant", "source: [law]", "", "no source for evidence `law`"),
        ("policy__grant", "source: [law]", "source: law", "allowed: keys of configs/sources/, as [key, key]"),
        (
            "policy__grant",
            "evidence: law",
            "evidence: laws",
            "allowed: law, statistic, literature, calibrated or assumed",
        ),
        ("policy__grant", "  unit: share", "  2021-01-01: 3", "grant.share.2021-01-01: found an unknown key"),
        ("policy__grant", "share:\n", "Share:\n", "found the name 'Share'; allowed: small letters"),
        (
            "policy__grant",
            "share:\n",
            "share: 3\nother:\n",
            "policy.grant.share: found 3; allowed: a mapping with name_zh",
        ),
        ("behaviour", "value: 0.15", "values: {2020-01-01: 0.15}", "dated paths in price and policy only"),
        ("behaviour", "low: 0.1,", "low: 0.18,", "found 0.18 to 0.2; allowed: a range that holds the value, 0.15"),
        ("behaviour", "low: 0.1,", "", "found one of `low` and `high`; allowed: both or neither"),
        ("behaviour", "low: 0.1,", "low: -0.1,", "behaviour.base_attention.low: found -0.1; allowed: 0 to 1"),
        ("behaviour", "drawn_with: behaviour.base_attention", "drawn_with: behaviour.base_atention", "Did you mean"),
        ("behaviour", "quality: C", "quality: C, lever: true", "allowed: levers in configs/policy/ only"),
        ("price", "2020-01-01: 600.0", "2021-06-01: 600.0", "allowed: a first date up to 2021-01-01"),
        ("price", "{2020-01-01: 600.0, 2021-07-01: 900.0}", "{2021-07-01: 900.0, 2020-01-01: 600.0}", "out of order"),
        ("price", "2022-04-01: 1100.0", "2021-08-01: 1100.0", "Write facts up to 2021 under `values`."),
        ("price", "spread_low: 0.8", "spread_low: 1.8", "found 1.8 to 1.3; allowed: a range that holds 1"),
        (
            "model",
            "unit: switch, value: on",
            "unit: share, value: 1.0, lower: 0.0, upper: 1.0",
            "allowed: switch, as model.*",
        ),
        ("sources__tests", "title: A paper", "titel: A paper", "Did you mean title?"),
        ("units", "share:", "shares:", "behaviour.base_attention.unit: found 'share'"),
    ],
)
def test_a_mistake_is_told_with_what_is_allowed(tmp_path, name, old, new, told):
    text = FILES[name.replace("__", "/") + ".yaml"]
    assert old in text
    root = write_tree(tmp_path, **{name: text.replace(old, new, 1)})
    assert any(told in line for line in problems_of(root))


def test_a_field_name_belongs_to_one_key(tmp_path):
    root = write_tree(tmp_path)
    (root / "policy" / "carbon.yaml").write_text(
        FILES["policy/carbon_price.yaml"].replace("price:\n", "price_price:\n", 1), encoding="utf-8"
    )
    assert any("the same field name `carbon_price_price`" in line for line in problems_of(root))


def test_a_source_key_has_one_meaning(tmp_path):
    root = write_tree(tmp_path)
    (root / "sources" / "others.yaml").write_text("paper: {title: Another paper}\nlaw: {title: 一部法律, year: 2018}\n")
    assert [line.split(": ")[1] for line in problems_of(root)] == ["paper"]


def test_a_missing_folder_is_an_error(tmp_path):
    assert "no such folder" in problems_of(tmp_path / "nowhere")[0] + problems_of(tmp_path / "nowhere")[1]


def test_the_digest_follows_content_only(tmp_path):
    reordered = "# a comment\n" + FILES["policy/carbon_price.yaml"].replace("  unit: 元/t\n", "", 1).replace(
        "  lower: 0.0\n", "  lower: 0.0\n  unit: 元/t\n", 1
    )
    moved = FILES["policy/carbon_price.yaml"].replace("36.0", "36.5")
    digests = [
        load_declarations(write_tree(tmp_path / name, **changed)).digest()
        for name, changed in {
            "first": {},
            "second": {"policy__carbon_price": reordered},
            "third": {"policy__carbon_price": moved},
        }.items()
    ]
    assert digests[0] == digests[1] != digests[2]


def test_the_schema_for_editors_accepts_what_the_loader_reads():
    schema = entry_schema()
    entry = schema["$defs"]["Entry"]
    assert set(entry["required"]) == {"name_zh", "name_en", "unit", "evidence", "quality"}
    assert entry["additionalProperties"] is False
    assert schema["additionalProperties"] == {"$ref": "#/$defs/Entry"}


@pytest.mark.parametrize(
    ("word", "guess"),
    [
        ("policy.carbon_prise.price", "policy.carbon_price.price"),
        ("carbon_price.price", "policy.carbon_price.price"),
        ("base-attention", "behaviour.base_attention"),
        ("Policy.Grant.Share", "policy.grant.share"),
        ("zzz", ""),
    ],
)
def test_the_closest_key_is_suggested(tmp_path, word, guess):
    assert did_you_mean(word, load_declarations(write_tree(tmp_path))) == (f"Did you mean {guess}?" if guess else "")


def test_fields_of_rules_and_declared_keys_are_compared(tmp_path, monkeypatch):
    tiny_configs.use_tiny_groups(monkeypatch)
    assert field_mismatches(load_declarations(write_tree(tmp_path / "same"))) == []
    renamed = FILES["behaviour.yaml"].replace("peer_weight", "peer_weights")
    told = [
        p.sentence() for p in field_mismatches(load_declarations(write_tree(tmp_path / "other", behaviour=renamed)))
    ]
    assert len(told) == 2
    assert "found no field `peer_weights`" in told[0] + told[1]
    assert "Did you mean peer_weight?" in told[0] + told[1]
    assert "tiny_configs.Behaviour has the field `peer_weight`" in told[0] + told[1]


# The configuration of this project: what must hold of it in every commit that lands.


def test_every_declaration_is_complete_and_sourced():
    declarations = load_declarations()
    assert declarations
    assert {key.partition(".")[0] for key in declarations} <= set(PARAMETER_GROUPS)


def test_no_parameter_is_missing_and_none_is_unused():
    assert [problem.sentence() for problem in field_mismatches(load_declarations())] == []


def test_a_key_keeps_its_luck_whatever_other_keys_there_are():
    declarations = load_declarations()
    identities = [declarations.identity(key) for key in declarations]
    assert len(set(identities)) == len(identities)
    assert all(identity > 2_000_000 for identity in identities)  # the keyed draws of tables lie below
    assert declarations.identity("policy.carbon_price.price") == 2_520_731_029
