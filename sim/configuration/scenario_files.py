"""Scenario files: names, a sentence, and the differences from the declared world."""

from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sim.configuration.changes import read_changes
from sim.configuration.declarations import Raw, Steps, root_folder, told
from sim.configuration.parameters import Declarations
from sim.configuration.problems import Problem, did_you_mean, one_of, quoted, shown
from sim.configuration.yaml_reader import read_yaml


class ScenarioFile(BaseModel):
    """A scenario as its file tells it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    name_zh: str = Field(min_length=1, description="the name in Chinese")
    name_en: str = Field(min_length=1, description="the name in English")
    sentence_zh: str = Field(min_length=1, description="one sentence in Chinese")
    sentence_en: str = Field(min_length=1, description="one sentence in English")
    changes: dict[str, Raw | dict[date, Raw]] = Field(
        default_factory=dict, description="a value or {2022-01-01: value, …}; {} where nothing differs"
    )
    source: list[str] = Field(default_factory=list, description="keys of configs/sources/, as [key, key]")
    note: str = Field(default="", description="a text")


def scenario_names(root: Path | None = None) -> list[str]:
    """Names of the scenarios that lie in configs/scenarios/."""
    return sorted(path.stem for path in ((root or root_folder()) / "scenarios").glob("*.yaml"))


def read_scenario_file(path: Path, root: Path, problems: list[Problem]) -> tuple[ScenarioFile | None, Any]:
    """A scenario file and its document (for lines); what is wrong is appended to `problems`."""
    file = shown(path, root)
    before = len(problems)
    document = read_yaml(path, file, problems)
    if len(problems) > before and not document.content:
        return None, document
    try:
        return ScenarioFile.model_validate(document.content), document
    except ValidationError as error:
        lines = {problem.line for problem in problems[before:]}
        wrong = told(error, ScenarioFile, document, (), "", file)
        problems.extend(problem for problem in wrong if problem.line not in lines)
        return None, document


def file_changes(path: Path, declarations: Declarations, problems: list[Problem]) -> dict[str, Steps]:
    """The changes of a scenario file; what is wrong is appended to `problems`."""
    content, document = read_scenario_file(path, declarations.root, problems)
    if content is None:
        return {}
    file = shown(path, declarations.root)
    for key in content.source:
        if key not in declarations.sources:
            hint = did_you_mean(key, declarations.sources)
            found = Problem(file, document.line("source"), "source", repr(key), "keys of configs/sources/", hint)
            problems.append(found)
    return read_changes(content.changes, declarations, file, problems, lambda key: document.line("changes", key))


def scenario_problems(path: Path, declarations: Declarations) -> list[Problem]:
    """Everything that is wrong with a scenario file."""
    problems: list[Problem] = []
    file_changes(path, declarations, problems)
    return problems


def scenario_path(name: str, root: Path, problems: list[Problem]) -> Path | None:
    """Where a scenario lies, by its name or path."""
    names = scenario_names(root)
    if name in names:
        return root / "scenarios" / f"{name}.yaml"
    if str(name).endswith((".yaml", ".yml")):
        return Path(name)
    allowed = f"{one_of(names)}, or the path of a .yaml file"
    problems.append(Problem("scenario", None, "", quoted(name), allowed, did_you_mean(name, names)))
    return None
