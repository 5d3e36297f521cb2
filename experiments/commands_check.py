"""`lvjin check`: every mistake in files of parameters, scenarios, designs, sources, units and tables, in one pass."""

import json
from pathlib import Path

import typer

from sim.configuration.declarations import Source, Unit, entry_schema, read_entries, root_folder
from sim.configuration.parameters import (
    PARAMETER_GROUPS,
    ConfigError,
    Declarations,
    Problem,
    field_mismatches,
    load_declarations,
    read_declarations,
    read_sources,
    read_units,
)
from sim.configuration.posterior import posterior_file, read_posterior
from sim.configuration.problems import did_you_mean, refuse_if, shown
from sim.configuration.scenario_files import scenario_names, scenario_problems
from sim.configuration.table_schema import read_schema
from sim.configuration.tables import read_table, table_names
from sim.configuration.yaml_reader import read_yaml

SCHEMA_ENDING = ".schema.yaml"


def print_schema() -> int:
    """Print the JSON schema of a file of declarations."""
    typer.echo(json.dumps(entry_schema(), ensure_ascii=False, indent=2))
    return 0


def check_files(files: list[Path], *, quiet: bool = False, verbose: bool = False) -> int:
    """Check the files, or all of configs/ when there are none; raises `ConfigError` with everything that is wrong."""
    problems: list[Problem] = []
    for file in files or [root_folder()]:
        found = folder_problems(file) if file.is_dir() else file_problems(file)
        problems += found
        if verbose and not found:
            typer.echo(f"{file}: 无误 correct")
    refuse_if(problems)
    if not quiet:
        typer.echo("配置无误。The configuration is correct.")
    return 0


def folder_problems(root: Path) -> list[Problem]:
    """Everything that is wrong in a folder of configuration."""
    if not (root / "units.yaml").exists():
        return [Problem(str(root), None, "", "no units.yaml", "a folder of configuration, such as configs/")]
    problems: list[Problem] = []
    declarations = _declarations(root, problems)
    if declarations is not None:
        problems += field_mismatches(declarations)
        for name in scenario_names(root):
            problems += scenario_problems(root / "scenarios" / f"{name}.yaml", declarations)
    for name in table_names(root):
        read_table(root / "tables" / f"{name}.csv", root, problems)
    if posterior_file(root).exists():
        _check_posterior(root, problems)
    for path in sorted(root.rglob("*.yaml")):
        if path.parent.name not in {"policy", "scenarios", "sources", "tables"} and path.stem not in PARAMETER_GROUPS:
            problems += file_problems(path)
    return problems


def file_problems(path: Path) -> list[Problem]:
    """Everything that is wrong in one file, whose kind is told by its name and folder."""
    problems: list[Problem] = []
    root = _root_of(path)
    kind, folder = path.name, path.resolve().parent.name
    units, sources = read_units(root, problems), read_sources(root, problems)
    if path.resolve() == posterior_file(root):
        _check_posterior(root, problems)
    elif kind.endswith(".csv"):
        read_table(path, root, problems)
    elif kind.endswith(SCHEMA_ENDING):
        table = path.with_name(kind.removesuffix(SCHEMA_ENDING) + ".csv")
        if table.exists():
            read_table(table, root, problems)
        else:
            read_schema(path, root, units, dict(sources), problems)
    elif folder == "sources" or kind == "units.yaml":
        file = shown(path, root)
        read_entries(read_yaml(path, file, problems), Unit if kind == "units.yaml" else Source, "", file, problems)
    elif folder == "policy" or path.stem in PARAMETER_GROUPS:
        prefix = f"policy.{path.stem}." if folder == "policy" else f"{path.stem}."
        read_declarations(path, prefix, root, units, sources, problems)
    elif folder == "designs" or _has_keys(path, {"factors", "points", "question_en"}):
        _check_design(path, root, problems)
    elif folder == "scenarios" or _has_keys(path, {"changes", "sentence_zh", "sentence_en"}):
        declarations = _declarations(root, problems)
        if declarations is not None:
            problems += scenario_problems(path, declarations)
    elif kind == "variables.yaml":
        _check_variables(root, problems)
    elif kind == "calibration.yaml":
        _check_calibration(path, root, problems)
    else:
        problems += _other_problems(path, root)
    return problems


def _declarations(root: Path, problems: list[Problem]) -> Declarations | None:
    try:
        return load_declarations(root)
    except ConfigError as error:
        problems += error.problems
        return None


def _root_of(path: Path) -> Path:
    """The folder of configuration in which a file lies, or that of this installation."""
    for folder in path.resolve().parents:
        if (folder / "units.yaml").exists():
            return folder
    return root_folder()


def _has_keys(path: Path, keys: set[str]) -> bool:
    """Whether a file has one of the keys that tell its kind."""
    content = read_yaml(path, str(path), []).content
    return isinstance(content, dict) and bool(keys & set(content))


def _check_design(path: Path, root: Path, problems: list[Problem]) -> None:
    from experiments.designs.design import load_design

    try:
        load_design(path, root)
    except ConfigError as error:
        problems += error.problems


def _check_variables(root: Path, problems: list[Problem]) -> None:
    from sim.results.variable_list import load_variables

    try:
        load_variables(root)
    except ConfigError as error:
        problems += error.problems


def _check_posterior(root: Path, problems: list[Problem]) -> None:
    try:
        read_posterior(root)
    except ConfigError as error:
        problems += error.problems


def _check_calibration(path: Path, root: Path, problems: list[Problem]) -> None:
    """The settings of calibration and, with them, the facts that it is held against."""
    from experiments.calibrating.settings import load_settings

    try:
        load_settings(path, root)
    except ConfigError as error:
        problems += error.problems


def _other_problems(path: Path, root: Path) -> list[Problem]:
    """A file of another kind: inside the configuration it must be readable, elsewhere it cannot be meant."""
    if not path.exists():
        return [Problem(str(path), None, "", "no such file", "a file to check")]
    hint = did_you_mean(path.stem, PARAMETER_GROUPS)
    if root in path.resolve().parents and not hint:
        problems: list[Problem] = []
        read_yaml(path, shown(path, root), problems)
        return problems
    allowed = "a scenario (with `changes`), a table (.csv), policy/*.yaml, or a group: " + ", ".join(PARAMETER_GROUPS)
    return [Problem(str(path), None, "", "a file of unknown kind", allowed, hint)]
