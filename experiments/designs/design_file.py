"""What a design file may say: the question, how points are chosen, the factors that vary, and what is kept of a run."""

from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sim.configuration.declarations import Raw, told
from sim.configuration.problems import Problem, one_of, quoted
from sim.configuration.yaml_reader import Document, read_yaml

KINDS = ("grid", "latin_hypercube", "sobol", "morris", "list")
MOST_POINTS = 1_000_000
_STRICT = ConfigDict(extra="forbid", frozen=True, strict=True)
HEADLINES = (
    "Revenue|Green Industry",
    "Revenue|Green Industry|Manufacturing",
    "Emissions|CO2|Industry",
    "Policy Cost|Government",
)


class FactorFile(BaseModel):
    """One thing that varies, as the file tells it; bounds that are left out are those of the declaration."""

    model_config = _STRICT
    lower: Raw | None = Field(default=None, description="the smallest value, a number within the declared bounds")
    upper: Raw | None = Field(default=None, description="the largest value, a number within the declared bounds")
    values: list[Any] | None = Field(default=None, min_length=1, description="the values to take, as [a, b]")
    steps: int | None = Field(default=None, ge=2, le=1000, description="how many values of a grid, from lower to upper")
    since: date | None = Field(default=None, description="the day from which it holds; 2022-01-01 if left out")


class DesignFile(BaseModel):
    """A design as its file tells it."""

    model_config = _STRICT
    name_zh: str = Field(min_length=1, description="the name in Chinese")
    name_en: str = Field(min_length=1, description="the name in English")
    question_zh: str = Field(min_length=1, description="the question in Chinese, one sentence")
    question_en: str = Field(min_length=1, description="the question in English, one sentence")
    kind: Literal["grid", "latin_hypercube", "sobol", "morris", "list"] = Field(description=one_of(KINDS))
    size: int | None = Field(
        default=None, ge=1, le=MOST_POINTS, description=f"points to sample, or Morris trajectories, 1 to {MOST_POINTS}"
    )
    levels: int = Field(default=4, ge=2, le=100, description="levels of a Morris design, an even number from 2")
    scenario: str = Field(default="baseline", description="a scenario of configs/scenarios/ or a file")
    firms: int = Field(default=5000, ge=1, le=2_000_000, description="rows of the population, 1 to 2000000")
    until: str = Field(default="2025Q4", description="the last quarter, as 2025Q4")
    seed: int = Field(default=1, ge=0, lt=2**63, description="the key of all draws, a whole number from 0")
    replicates: int = Field(default=1, ge=1, le=MOST_POINTS, description="runs of each point, a whole number from 1")
    populations: int = Field(default=1, ge=1, le=10_000, description="populations drawn, a whole number from 1")
    parameters: str = Field(default="posterior", description="posterior, prior or central")
    information: str = Field(default="as_of_2021", description="as_of_2021 or conditional")
    changes: dict[str, Raw | dict[date, Raw]] = Field(
        default_factory=dict, description="what holds at every point: {key: value} or {key: {2022-01-01: value}}"
    )
    factors: dict[str, Any] = Field(default_factory=dict, description="what varies: {key: {lower: 0, upper: 1}, …}")
    points: list[dict[str, Any]] = Field(
        default_factory=list, description="the points of a list, as [{key: value}, {key: value}]"
    )
    variables: list[str] = Field(
        default_factory=lambda: list(HEADLINES), min_length=1, description="variables of configs/variables.yaml to keep"
    )
    years: list[int] | None = Field(default=None, min_length=1, description="years to keep, as [2025]; all if left out")
    seconds: float = Field(default=600.0, gt=0.0, description="the longest that a run may take, s")
    gigabytes: float = Field(default=8.0, gt=0.0, description="the most memory that a run may take, GB")
    note: str = Field(default="", description="a text")


def read_design_file(path: Path, file: str, problems: list[Problem]) -> tuple[DesignFile | None, Document]:
    """A design file and its document (for lines); what is wrong is appended to `problems`."""
    before = len(problems)
    document = read_yaml(path, file, problems)
    if len(problems) > before and not document.content:
        return None, document
    known = {problem.line for problem in problems[before:]}
    try:
        design = DesignFile.model_validate(document.content)
    except ValidationError as error:
        wrong = told(error, DesignFile, document, (), "", file)
        problems.extend(problem for problem in wrong if problem.line not in known)
        return None, document
    problems.extend(_whole_problems(design, document, file))
    return design, document


def read_factor(name: str, content: Any, document: Document, file: str, problems: list[Problem]) -> FactorFile | None:
    """One entry under `factors`; nothing behind the colon means the declared bounds."""
    try:
        return FactorFile.model_validate({} if content is None else content)
    except ValidationError as error:
        problems.extend(told(error, FactorFile, document, ("factors", name), f"factors.{name}", file))
        return None


def _whole_problems(design: DesignFile, document: Document, file: str) -> list[Problem]:
    """What the kind of a design asks of its other keys."""
    found = []

    def problem(key: str, what: str, allowed: str, hint: str = "") -> None:
        found.append(Problem(file, document.line(key), key, what, allowed, hint))

    sampled = design.kind in ("latin_hypercube", "sobol", "morris")
    if sampled and design.size is None:
        problem("size", "nothing", "points to sample, or Morris trajectories", "Write for example size: 64.")
    if not sampled and design.size is not None:
        problem("size", quoted(design.size), f"no size: the points of a {design.kind} are those that it names")
    if design.kind == "sobol" and design.size and design.size & (design.size - 1):
        power = 1 << (design.size.bit_length() - 1)
        problem("size", quoted(design.size), "a power of two", f"Write {power} or {2 * power}.")
    if design.kind == "morris" and design.levels % 2:
        problem("levels", quoted(design.levels), "an even number from 2", f"Write {design.levels + 1}.")
    if design.kind == "list" and not design.points:
        problem("points", "no points", "the points of the list, as [{key: value}, …]")
    if design.kind == "list" and design.factors:
        problem("factors", "factors", "no factors: a list names its points")
    if design.kind != "list" and design.points:
        problem("points", "points", f"no points: a {design.kind} is made of factors", "Or write kind: list.")
    if design.kind != "list" and not design.factors:
        problem("factors", "no factors", "what varies: {key: {lower: 0, upper: 1}, …}")
    return found
