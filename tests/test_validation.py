"""The pages on validation say what the files beside them say."""

import conftest
import pandas as pd
import pytest

from experiments.languages import LANGUAGES, speaker
from experiments.scoring.frozen import newest, read_frozen
from experiments.validation_page import FILES, band, in_short, not_told, rests_on, write_pages

DOCS = conftest.ROOT / "docs"


@pytest.fixture(scope="module")
def told():
    """The frozen forecast and the tables in docs/."""
    tables = [pd.read_csv(DOCS / f"{name}.csv") for name in ("patterns", "ablation", "variance")]
    return read_frozen(newest()), *tables


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_tells_the_numbers_of_its_files(told, language):
    frozen, patterns, ablation, variance = told
    say, text = speaker(language), (DOCS / FILES[language]).read_text(encoding="utf-8")
    for part in (
        in_short(frozen, patterns, say),
        not_told(patterns, say),
        rests_on(ablation, variance, say),
        band(frozen, variance, say),
    ):
        assert part in text, "write it anew: python -m experiments.validation_page"


def test_pages_are_written_in_both_languages(told, tmp_path):
    for name in ("patterns", "ablation", "variance"):
        (tmp_path / f"{name}.csv").write_bytes((DOCS / f"{name}.csv").read_bytes())
    places = write_pages(tmp_path)
    assert [place.name for place in places] == [FILES[language] for language in LANGUAGES]
    assert all(len(place.read_text(encoding="utf-8")) > 800 for place in places)


def test_the_frozen_forecast_of_the_project_is_complete():
    frozen = read_frozen(newest())
    assert frozen.forecast["variable"].nunique() >= 40
    assert frozen.years == [2022, 2023, 2024, 2025]
    assert frozen.forecast["replicates"].min() >= 100
