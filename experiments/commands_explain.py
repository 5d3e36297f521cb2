"""`lvjin explain KEY`: the card of a parameter, in both languages, down to the functions that read it."""

import ast
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import typer

from sim.configuration.declarations import Declaration, Steps
from sim.configuration.parameters import DATED_GROUPS, PARAMETER_GROUPS, Declarations, Problem, load_declarations
from sim.configuration.periods import PLAN_START
from sim.configuration.problems import did_you_mean, refuse_if

SOURCE_FOLDERS = ("agents", "sim")


def explain_keys(keys: list[str], root: Path | None = None) -> int:
    """Print the card of each key; raises `ConfigError` for keys that are not declared."""
    declarations = load_declarations(root)
    allowed = "a declared key (`lvjin list parameters`)"
    unknown = [key for key in keys if key not in declarations]
    refuse_if(
        [Problem("explain", None, key, "an unknown key", allowed, did_you_mean(key, declarations)) for key in unknown]
    )
    for key in keys:
        typer.echo("\n".join(card(declarations[key], declarations)))
        typer.echo("")
    return 0


def card(entry: Declaration, declarations: Declarations) -> Iterator[str]:
    """The card of a parameter, line by line."""
    unit = declarations.units[entry.unit]
    lower, upper = entry.bounds
    yield f"{entry.key}   {entry.name_zh} · {entry.name_en}"
    yield f"  单位 Unit            {entry.unit}（{unit.name_zh}, {unit.name_en}）"
    yield f"  取值 Value           {_path(entry, entry.path())}"
    if entry.actual:
        yield f"  后来的事实 Later facts {_path(entry, entry.path('conditional'))}（--information conditional）"
    yield f"  范围 Bounds          {entry.written(lower)} … {entry.written(upper)}"
    yield f"  先验 Prior           {_prior(entry)}"
    yield f"  证据 Evidence        {entry.evidence}, quality {entry.quality}"
    for key in entry.source:
        source = declarations.sources[key]
        parts = filter(None, [source.title, source.publisher, str(source.year or ""), source.url, source.file])
        yield f"  来源 Source          {', '.join(parts)} [{key}]"
    if entry.plan_section:
        yield f"  规划章节 Plan section {entry.plan_section}"
    if entry.note:
        yield f"  备注 Note            {' '.join(entry.note.split())}"
        if entry.note_zh:
            yield f"                       {entry.note_zh}"
    yield from _how_to_change(entry)
    yield f"  声明 Declared in     {entry.file}:{entry.line}"
    yield f"  读取 Read by         {PARAMETER_GROUPS.places[entry.group]}.{entry.field}"
    for reader in readers(entry):
        yield f"                       {reader}"


def _path(entry: Declaration, path: Steps) -> str:
    if len(path) == 1:
        return entry.written(path[0][1])
    return ", ".join(f"{day}: {entry.written(value)}" for day, value in path)


def _prior(entry: Declaration) -> str:
    if entry.low is not None:
        return f"triangular({entry.low:g}, {entry.path()[0][1]:g}, {entry.high:g})"
    if entry.spread_low is not None:
        return f"path × triangular({entry.spread_low:g}, 1, {entry.spread_high:g})"
    return "固定 fixed"


def _how_to_change(entry: Declaration) -> Iterator[str]:
    if entry.group in DATED_GROUPS:
        if entry.lever:
            yield f"  杠杆 Lever           自 {PLAN_START} 起可调 users may move it from {PLAN_START} on"
            yield f"  作用 Moves           {entry.moves}（机制 mechanism model.{entry.mechanism}）"
            if entry.beside:
                needed = ", ".join(f"{key}={value:g}" for key, value in entry.beside.items())
                yield f"  试验时并设 Tried with {needed}"
        yield f"  修改 To change       --set {entry.key}=VALUE（自 from {PLAN_START}）"
        yield f"                       --set {entry.key}@2024-01-01=VALUE"
    else:
        yield f"  修改 To change       --set {entry.key}=VALUE"
        yield "                       结构性，全程有效 structural: another world for the whole run, 2021 included"


class Reading(NamedTuple):
    """One `holder.field` in a function of the model; `kind` is the annotated type of a holder that is an argument."""

    function: str
    holder: str
    kind: str


def readers(entry: Declaration, folder: Path | None = None) -> list[str]:
    """Functions of the model that read the parameter, found in the source text."""
    kind = PARAMETER_GROUPS.places[entry.group].rpartition(".")[2]
    holders = {entry.group, f"{entry.group}s", kind.lower()}
    found = readings(Path(__file__).resolve().parent.parent if folder is None else folder).get(entry.field, [])
    reading = [one.function for one in found if one.kind == kind or (not one.kind and one.holder in holders)]
    return list(dict.fromkeys(reading))


@functools.cache
def readings(folder: Path) -> dict[str, list[Reading]]:
    """Every `holder.field` in the functions of agents/ and sim/, by field."""
    found: dict[str, list[Reading]] = {}
    for package in SOURCE_FOLDERS:
        for path in sorted((folder / package).rglob("*.py")):
            for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(function, ast.FunctionDef):
                    _read(function, f"{package}.{path.stem}.{function.name}", found)
    return found


def _read(function: ast.FunctionDef, name: str, found: dict[str, list[Reading]]) -> None:
    arguments = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    kinds = {
        argument.arg: ast.unparse(argument.annotation).strip("'\"").rpartition(".")[2]
        for argument in arguments
        if argument.annotation is not None
    }
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute):
            holder = ast.unparse(node.value)
            last = holder.rpartition(".")[2]
            found.setdefault(node.attr, []).append(Reading(name, last, kinds.get(holder, "")))
