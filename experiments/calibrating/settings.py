"""What is estimated and how hard: configs/calibration.yaml, checked before anything is run."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from experiments.calibrating.targets import load_targets
from sim.configuration.declarations import Declaration, root_folder, told
from sim.configuration.parameters import load_declarations
from sim.configuration.problems import Problem, did_you_mean, refuse_if, shown
from sim.configuration.yaml_reader import read_yaml

DRAWN_ONCE = ("population", "network")  # groups that the firms and their network are drawn with
TARGETS_PER_PARAMETER = 3  # fitted facts that each free parameter needs at least
_STRICT = ConfigDict(extra="forbid", frozen=True, strict=True)


class Effort(BaseModel):
    """How hard a calibration works."""

    model_config = _STRICT
    firms: int = Field(ge=100, le=2_000_000, description="rows of the population, from 100")
    populations: int = Field(ge=1, le=1000, description="populations drawn, a whole number from 1")
    waves: int = Field(ge=1, le=10, description="waves of history matching, 1 to 10")
    points: int = Field(ge=8, le=8192, description="points of a wave, 8 to 8192")
    replicates: int = Field(ge=2, le=1000, description="runs of each point, from 2")
    particles: int = Field(ge=10, le=10_000, description="particles of a generation, from 10")
    generations: int = Field(ge=1, le=30, description="generations of the sequential sampler, 1 to 30")
    steps: int = Field(ge=20, le=100_000, description="steps of each walker of the second method, from 20")
    draws: int = Field(ge=10, le=10_000, description="rows of the posterior, from 10")
    recoveries: int = Field(ge=1, le=10_000, description="pseudo-data sets that are calibrated, from 1")
    predictive: int = Field(ge=4, le=10_000, description="runs with draws of the posterior, from 4")


class Settings(BaseModel):
    """The settings file."""

    model_config = _STRICT
    seed: int = Field(ge=0, lt=2**31, description="the key of all draws, 0 to 2147483647")
    free: list[str] = Field(min_length=1, description="keys of parameters with a prior, as [key, key]")
    cut: float = Field(gt=0.0, description="an implausibility above 0, in standard deviations")
    identified: float = Field(ge=0.0, lt=1.0, description="a contraction from 0 to below 1")
    full: Effort = Field(description="a mapping: the effort of a calibration")
    quick: Effort = Field(description="a mapping: the effort with --quick")

    @property
    def parameters(self) -> list[Declaration]:
        """The declarations of the free parameters."""
        return [load_declarations()[key] for key in self.free]


def load_settings(path: Path | None = None, root: Path | None = None) -> Settings:
    """The settings of a file, configs/calibration.yaml by default; raises `ConfigError` with everything wrong."""
    root = root_folder(root)
    path = path or root / "calibration.yaml"
    problems: list[Problem] = []
    file = shown(path, root)
    document = read_yaml(path, file, problems)
    refuse_if(problems)
    try:
        settings = Settings.model_validate(document.content)
    except ValidationError as error:
        refuse_if(list(told(error, Settings, document, (), "", file)))
        raise
    refuse_if(_problems(settings, file, root))
    return settings


def _problems(settings: Settings, file: str, root: Path) -> list[Problem]:
    declared = load_declarations(root)
    sampled = [key for key, entry in declared.items() if entry.low is not None]
    found = [
        Problem(file, None, "free", key, "keys of parameters with a prior", did_you_mean(key, sampled))
        for key in settings.free
        if key not in sampled
    ]
    structural = [key for key in settings.free if key in declared and declared[key].group in DRAWN_ONCE]
    allowed = "parameters that act after the population is drawn"
    found += [Problem(file, None, "free", key, allowed) for key in structural]
    fitted = sum(target.role == "fit" for target in load_targets(root))
    if len(set(settings.free)) * TARGETS_PER_PARAMETER > fitted or len(set(settings.free)) < len(settings.free):
        most = fitted // TARGETS_PER_PARAMETER
        allowed = f"each once, at most {most}: a third of the {fitted} fitted facts"
        found.append(Problem(file, None, "free", f"{len(settings.free)} keys", allowed))
    return found
