"""A frozen forecast read back: only if it is as it was sealed."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from experiments.scoring.freezing import KEY, replicates_of
from experiments.scoring.scored import LAST_KNOWN, Floats
from experiments.sealing import SEAL, differences, read_seal
from sim.configuration.declarations import root_folder
from sim.configuration.problems import Problem, refuse_if
from sim.results.integrity import IntegrityError

FILES = ("frozen", "frozen_replicates", "frozen_rivals")


@dataclass(frozen=True)
class Frozen:
    """A frozen forecast.

    Attributes:
        folder: where it lies.
        frozen_on: the day.
        sha256: of the seal.
        forecast: information, variable, year, unit, scope, price base and quantiles.
        numbers: the replicates.
        rivals: naive rivals.
    """

    folder: Path
    frozen_on: str
    sha256: str
    forecast: pd.DataFrame
    numbers: pd.DataFrame
    rivals: pd.DataFrame

    @cached_property
    def units(self) -> dict[str, str]:
        """Unit by variable."""
        rows = self.forecast.drop_duplicates("variable")
        return dict(zip(rows["variable"].astype(str), rows["unit"].astype(str), strict=True))

    @property
    def years(self) -> list[int]:
        """The years that can be scored."""
        return sorted({int(year) for year in self.forecast["year"] if year > LAST_KNOWN})

    def replicates(self, information: str, variable: str, year: int) -> Floats:
        """What each replicate said."""
        return self.by_key[(information, variable, year)]

    @cached_property
    def by_key(self) -> dict[tuple[str, str, int], Floats]:
        """The replicates by state of knowledge, variable and year."""
        keys = zip(*(self.numbers[name].tolist() for name in KEY), strict=True)
        return dict(zip(keys, replicates_of(self.numbers), strict=True))


def newest() -> Path:
    """The youngest frozen forecast that comes with the project; raises `ConfigError` where there is none."""
    home = root_folder(None).parent / "docs" / "forecasts"
    found = sorted(path.parent for path in home.glob(f"*/{SEAL}"))
    if not found:
        refuse_if([Problem("--forecast", None, "", "no frozen forecast", "a folder that `lvjin freeze` made")])
    return found[-1]


def read_frozen(folder: Path) -> Frozen:
    """Read a frozen forecast.

    Raises:
        ConfigError: the folder holds none.
        IntegrityError: a file is not as it was sealed.
    """
    missing = [name for name in FILES if not (folder / f"{name}.csv").is_file()]
    if missing or not (folder / SEAL).is_file():
        refuse_if([Problem(str(folder), None, "", "no frozen forecast", "a folder that `lvjin freeze` made")])
    sealed = read_seal(folder)
    wrong = [f"{one.name} ({one.what})" for one in differences(folder, sealed)]
    if wrong:
        raise IntegrityError(f"the frozen forecast in {folder} is not as it was sealed: {', '.join(wrong)}")
    tables = [pd.read_csv(folder / f"{name}.csv", keep_default_na=False) for name in FILES]
    return Frozen(folder, str(sealed["frozen_on"]), str(sealed["sha256"]), *tables)
