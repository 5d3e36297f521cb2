"""What every test rests on: our own packages, figures without a screen, random worlds that come again."""

import importlib
import os
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("agents", "experiments", "sim", "viz")

os.environ["MPLBACKEND"] = "Agg"

# The quick suite sees the same examples every time; `make soak` looks for new ones.
hypothesis.settings.register_profile("quick", deadline=None, derandomize=True)
hypothesis.settings.register_profile("soak", deadline=None, max_examples=1000, print_blob=True)


def pytest_configure(config: pytest.Config) -> None:
    """Choose how random worlds are drawn, and stop where another distribution's packages would be tested."""
    hypothesis.settings.load_profile("soak" if config.option.markexpr == "soak" else "quick")
    foreign = foreign_packages(PACKAGES, ROOT)
    if foreign:
        pytest.exit(
            "Another distribution's packages were imported instead of ours: " + ", ".join(foreign), returncode=4
        )


def foreign_packages(names: tuple[str, ...], root: Path) -> list[str]:
    """Return name and file of each package that is not the one in this checkout."""
    found = {name: Path(str(importlib.import_module(name).__file__)).resolve() for name in names}
    return [f"{name} ({file})" for name, file in found.items() if file.parent != root / name]


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the checkout."""
    return ROOT
