"""Figures show every Chinese character that the project's own words use."""

import warnings

import matplotlib
import pytest
from conftest import ROOT
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font

from experiments import fonts


def test_the_packaged_font_is_found():
    assert fonts.chinese_font_path().name == fonts.PACKAGED_FONT[1]


def test_every_character_of_the_configuration_has_a_glyph():
    paths = [path for ending in ("*.yaml", "*.csv") for path in (ROOT / "configs").rglob(ending)]
    han = {sign for path in paths for sign in path.read_text(encoding="utf-8") if "\u4e00" <= sign <= "\u9fff"}
    covered = FT2Font(str(fonts.chinese_font_path())).get_charmap()
    assert {sign for sign in han | set("江津绿色产业") if ord(sign) not in covered} == set()


def test_a_figure_draws_chinese_without_empty_boxes(tmp_path):
    with matplotlib.rc_context():
        family = fonts.use_chinese_font()
        figure = Figure()
        figure.suptitle("江津区绿色产业产值(亿元)")
        figure.add_subplot().plot([-1, 1], [-1, 1])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            figure.savefig(tmp_path / "figure.png")
    assert family == "Noto Sans SC"


def test_a_missing_font_says_what_to_install(monkeypatch):
    monkeypatch.setattr(fonts, "PACKAGED_FONT", ("no_such_package", "no.otf"))
    monkeypatch.setattr(fonts, "MACHINE_FONTS", ("No Such Font",))
    with pytest.raises(FileNotFoundError, match="make setup"):
        fonts.chinese_font_path()


def test_a_machines_own_font_serves_where_the_package_is_missing(monkeypatch):
    monkeypatch.setattr(fonts, "PACKAGED_FONT", ("no_such_package", "no.otf"))
    monkeypatch.setattr(fonts, "MACHINE_FONTS", ("No Such Font", "DejaVu Sans"))
    assert str(fonts.chinese_font_path()) == font_manager.findfont("DejaVu Sans")
