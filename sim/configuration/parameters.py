"""All declared parameters, read from configs/, and the NamedTuples whose fields they fill.

Every mistake of every file is told in one pass.
"""

import functools
import hashlib
import importlib
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sim.configuration.declaration_checks import complaints
from sim.configuration.declarations import Declaration, Entry, Source, Unit, read_entries, root_folder
from sim.configuration.problems import ConfigError, Problem, did_you_mean, refuse_if, shown
from sim.configuration.yaml_reader import Document, read_yaml

DATED_GROUPS = ("price", "policy")  # one tuple per quarter; the other groups hold for the whole run
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class ParameterGroups(Mapping[str, type[Any]]):
    """Group of parameters → the NamedTuple that its rules take, imported when asked for."""

    def __init__(self, places: dict[str, str]) -> None:
        self.places = places

    def __getitem__(self, group: str) -> type[Any]:
        module, _, name = self.places[group].rpartition(".")
        return getattr(importlib.import_module(module), name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)

    def __contains__(self, group: object) -> bool:
        return group in self.places  # the inherited test would import the class


PARAMETER_GROUPS = ParameterGroups(
    {
        "behaviour": "agents.retrofit.Behaviour",
        "firm": "agents.firm.FirmRules",
        "finance": "agents.bank.Finance",
        "market": "agents.market.MarketRules",
        "conversion": "agents.product.ConversionRules",
        "switching": "agents.network.SwitchingRules",
        "symbiosis": "agents.symbiosis.SymbiosisRules",
        "certification": "agents.certification.CertificationRules",
        "price": "agents.energy.Prices",
        "factor": "agents.energy.Factors",
        "policy": "agents.government.Policy",
        "population": "sim.population.builder.PopulationRules",
        "network": "sim.population.supply.NetworkRules",
        "revenue": "sim.results.revenue.RevenueRules",
        "model": "agents.mechanisms.Mechanisms",
    }
)


class Declarations(Mapping[str, Declaration]):
    """Every declared parameter by its full key, in sorted order, with the units and sources they name."""

    def __init__(
        self, root: Path, entries: dict[str, Declaration], units: dict[str, Unit], sources: dict[str, Source]
    ) -> None:
        self.root = root
        self.units = units
        self.sources = sources
        self._entries = dict(sorted(entries.items()))
        self._groups: dict[str, dict[str, Declaration]] = {}
        for entry in self._entries.values():
            self._groups.setdefault(entry.group, {})[entry.field] = entry

    def __getitem__(self, key: str) -> Declaration:
        return self._entries[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def identity(self, key: str) -> int:
        """Who a key is in parameter draws, below 2³²: its checksum, so that a new key leaves the others their luck."""
        return zlib.crc32(key.encode())

    def of_group(self, group: str) -> dict[str, Declaration]:
        """The declarations of a group, by the name of the field that holds them."""
        return self._groups.get(group, {})

    def digest(self) -> str:
        """SHA-256 of what is declared; comments, order and line numbers do not count."""
        content = {key: entry.model_dump(mode="json", exclude={"file", "line"}) for key, entry in self._entries.items()}
        return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def load_declarations(root: Path | None = None) -> Declarations:
    """Every parameter declared under `root` (default: the `configs` folder of this installation), read once.

    Returns:
        A mapping of full key to `Declaration`; also `.units`, `.sources`, `.digest()`.

    Raises:
        ConfigError: with all problems of all files.

    Example:
        >>> from sim.configuration.parameters import load_declarations
        >>> load_declarations()["policy.carbon_price.price"].unit  # doctest: +SKIP
        '元/t'
    """
    return _load(root_folder(root))


@functools.cache
def _load(root: Path) -> Declarations:
    problems: list[Problem] = []
    units, sources = read_units(root, problems), read_sources(root, problems)
    entries: dict[str, Declaration] = {}
    for path, prefix in declaration_files(root, problems):
        entries |= read_declarations(path, prefix, root, units, sources, problems)
    problems += _shared_field_problems(entries) + _shared_luck_problems(entries)
    refuse_if(problems)
    return Declarations(root, entries, units, sources)


def declaration_files(root: Path, problems: list[Problem]) -> list[tuple[Path, str]]:
    """Files of declarations under `root`, each with the beginning of its keys."""
    if not root.is_dir():
        problems.append(Problem(shown(root), None, "", "no such folder", "the folder configs of an installation"))
    groups = [(root / f"{group}.yaml", f"{group}.") for group in PARAMETER_GROUPS if group != "policy"]
    policies = [(path, f"policy.{path.stem}.") for path in sorted((root / "policy").glob("*.y*ml"))]
    return [(path, prefix) for path, prefix in groups if path.exists()] + policies


def read_units(root: Path, problems: list[Problem]) -> dict[str, Unit]:
    """The closed list of units."""
    return _read(root / "units.yaml", root, Unit, "", problems)


def read_sources(root: Path, problems: list[Problem]) -> dict[str, Source]:
    """All sources, from every file in configs/sources/; one key may stand in two files only if both say the same."""
    sources: dict[str, Source] = {}
    for path in sorted((root / "sources").glob("*.y*ml")):
        for key, source in _read(path, root, Source, "", problems).items():
            if sources.setdefault(key, source) != source:
                found, allowed = "a key that another file gives another meaning", "one meaning for each key"
                problems.append(Problem(shown(path, root), None, key, found, allowed))
    return sources


def _read(path: Path, root: Path, model: type[Any], prefix: str, problems: list[Problem]) -> dict[str, Any]:
    file = shown(path, root)
    return read_entries(read_yaml(path, file, problems), model, prefix, file, problems)


def read_declarations(
    path: Path,
    prefix: str,
    root: Path,
    units: Mapping[str, Unit],
    sources: Mapping[str, Source],
    problems: list[Problem],
) -> dict[str, Declaration]:
    """The declarations of one file by full key; what is wrong is appended to `problems`."""
    file = shown(path, root)
    document = read_yaml(path, file, problems)
    declared: dict[str, Declaration] = {}
    for name, entry in read_entries(document, Entry, prefix, file, problems).items():
        key, line = f"{prefix}{name}", document.line(name) or 1
        declaration = Declaration.model_construct(**dict(entry), key=key, file=file, line=line)
        found = list(_entry_problems(declaration, document, name, units, sources))
        problems.extend(found)
        if not found:
            declared[key] = declaration
    return declared


def _entry_problems(
    entry: Declaration, document: Document, name: str, units: Mapping[str, Unit], sources: Mapping[str, Source]
) -> Iterator[Problem]:
    def problem(field: str, found: str, allowed: str, suggestion: str = "") -> Problem:
        where = f"{entry.key}.{field}" if field else entry.key
        return Problem(entry.file, document.line(name, *field.split(".")), where, found, allowed, suggestion)

    if not all(_NAME.fullmatch(part) for part in entry.key.split(".")):
        yield problem("", f"the name {name!r}", "small letters, digits and _", "")
    if units and entry.unit not in units:
        allowed = "a unit of configs/units.yaml"
        yield problem("unit", repr(entry.unit), allowed, did_you_mean(entry.unit, units))
    for key in entry.source:
        if key not in sources:
            yield problem("source", repr(key), "keys of configs/sources/", did_you_mean(key, sources))
    if entry.group == "model" and entry.unit != "switch":
        yield problem("unit", repr(entry.unit), "switch, as model.* are mechanisms that are on or off")
    for complaint in complaints(entry, entry.group, entry.group in DATED_GROUPS):
        yield problem(*complaint)


def _shared_field_problems(entries: Mapping[str, Declaration]) -> list[Problem]:
    holders: dict[tuple[str, str], str] = {}
    problems = []
    for key, entry in entries.items():
        first = holders.setdefault((entry.group, entry.field), key)
        if first != key:
            found = f"the same field name `{entry.field}` as {first}"
            problems.append(Problem(entry.file, entry.line, key, found, "a field name of its own", "Rename one."))
    return problems


def _shared_luck_problems(entries: Mapping[str, Declaration]) -> list[Problem]:
    return [
        Problem(
            entry.file,
            entry.line,
            f"{key}.drawn_with",
            repr(entry.drawn_with),
            "the key of a sampled parameter",
            did_you_mean(entry.drawn_with, entries),
        )
        for key, entry in entries.items()
        if entry.drawn_with and not (entry.drawn_with in entries and entries[entry.drawn_with].sampled)
    ]


def field_mismatches(declarations: Declarations) -> list[Problem]:
    """Declared keys that no rule can read, and fields of rules that nothing declares."""
    problems = []
    for group in PARAMETER_GROUPS:
        declared, fields = declarations.of_group(group), PARAMETER_GROUPS[group]._fields
        place = PARAMETER_GROUPS.places[group]
        problems += [undeclared(declarations.root, group, f, place) for f in fields if f not in declared]
        for field, entry in declared.items():
            if field not in fields:
                hint = did_you_mean(field, fields)
                allowed = f"a field of {place}"
                problems.append(Problem(entry.file, entry.line, entry.key, f"no field `{field}`", allowed, hint))
    return problems


def undeclared(root: Path, group: str, field: str, place: str) -> Problem:
    """That a rule reads a field which no file declares."""
    file = shown(root / ("policy" if group == "policy" else f"{group}.yaml"), root)
    declared_as = f"{group}.{field}" if group != "policy" else f"policy.*.* for {field}"
    return Problem(file, None, declared_as, "no declaration", f"one, as {place} has the field `{field}`")


__all__ = [
    "DATED_GROUPS",
    "PARAMETER_GROUPS",
    "ConfigError",
    "Declaration",
    "Declarations",
    "Problem",
    "load_declarations",
]
