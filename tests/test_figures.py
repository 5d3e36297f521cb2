"""Figures say what they show in either language, with every sign drawn, inside the sheet and apart from each other."""

import dataclasses
import functools
import itertools
import struct
import warnings
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.ft2font import FT2Font
from matplotlib.text import Annotation, Text

from experiments.colours import colours_of
from experiments.figures import FIGURES, figure_files, figure_names
from experiments.figures.chance import target_chance
from experiments.figures.layers import Layer, without_nothing
from experiments.figures.reasons import REASONS, mean_counts
from experiments.figures.sheet import is_wide, spread, style, wrapped
from experiments.figures.waterfall import TERMS, mean_terms, signed
from experiments.fonts import chinese_font_path
from experiments.languages import LANGUAGES, both, speaker
from experiments.results import SCOPES, Results
from sim.ensemble import combine, simulate
from sim.results.bridge import TERMS as BRIDGE_TERMS
from sim.scenario import Scenario

LATER = {"target_chance", "indicators"}  # figures of the target year
UNITS = set("亿元万吨")  # that English texts may hold


@pytest.fixture(scope="module")
def results() -> Results:
    return small("baseline", "plan")


@pytest.fixture(scope="module")
def figure_of(results):
    """The figures of the main results, each drawn once."""
    return functools.cache(lambda name, language: draw(results, name, language))


def small(*names: str, until: str = "2025Q4", replicates: int = 4, firms: int = 600, **changes) -> Results:
    scenarios = [Scenario.load(name, firms=firms, until=until, parameters="prior", changes=changes) for name in names]
    return Results.of(combine([simulate(scenario, replicates, 2) for scenario in scenarios]))


def draw(results: Results, name: str, language: str):
    """A figure as it is published; any warning, as of a missing sign, is an error."""
    with warnings.catch_warnings(), style():
        warnings.simplefilter("error")
        figure = FIGURES[name].draw(results, language)
        FigureCanvasAgg(figure).draw()
    return figure


def texts_of(figure) -> list[Text]:
    """The texts that are on the sheet; a tick beyond its scale, or of an axis that is off, is not drawn."""
    hidden = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in (*axis.majorTicks, *axis.minorTicks):
                if not (axes.axison and low <= tick.get_loc() <= high):
                    hidden |= {tick.label1, tick.label2}
    found = figure.findobj(Text)
    return [text for text in found if text.get_text().strip() and text.get_visible() and text not in hidden]


def test_every_figure_comes_in_two_languages_and_two_formats(results):
    files = dict(figure_files(results))
    assert sorted(files) == sorted(figure_names())
    assert len(files) == 4 * len(FIGURES)
    for name, content in files.items():
        if name.endswith(".png"):
            width, height = struct.unpack(">II", content[16:24])
            assert content.startswith(b"\x89PNG")
            assert width == 1920
            assert height > 900
        else:
            assert ElementTree.fromstring(content).tag.endswith("svg")


def test_the_same_results_have_the_same_figures(results):
    fan_only = itertools.islice(figure_files(results, ["zh"]), 2)
    assert dict(fan_only) == dict(itertools.islice(figure_files(results, ["zh"]), 2))


@pytest.mark.parametrize("name", FIGURES)
def test_chinese_figures_speak_chinese_and_english_ones_english(figure_of, name):
    chinese = "".join(text.get_text() for text in texts_of(figure_of(name, "zh")))
    english = "".join(text.get_text() for text in texts_of(figure_of(name, "en")))
    assert len([sign for sign in chinese if is_wide(sign)]) > 30
    assert {sign for sign in english if is_wide(sign)} <= UNITS
    charmap = FT2Font(str(chinese_font_path())).get_charmap()
    assert {sign for sign in chinese + english if sign != "\n" and ord(sign) not in charmap} == set()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FIGURES)
def test_no_text_leaves_the_sheet_or_covers_another(figure_of, name, language):
    assert faults(figure_of(name, language)) == []


def faults(figure) -> list[str]:
    """Texts beyond the edge of the sheet, and pairs of texts that overlap."""
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts_of(figure)]
    width, height = figure.bbox.width, figure.bbox.height
    outside = [name for name, box in boxes if box.x0 < 0 or box.y0 < 0 or box.x1 > width + 0.5 or box.y1 > height + 0.5]
    over = [
        f"{one} / {two}"
        for (one, a), (two, b) in itertools.combinations(boxes, 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > 1.0 and min(a.y1, b.y1) - max(a.y0, b.y0) > 2.0
    ]
    return outside + over


def test_faults_are_found():
    from matplotlib.figure import Figure

    figure = Figure()
    FigureCanvasAgg(figure)
    figure.text(0.5, 0.5, "one text")
    figure.text(0.5, 0.5, "another")
    figure.text(0.99, 0.1, "beyond the edge")
    assert len(faults(figure)) == 2


@pytest.mark.parametrize("names", [("plan",), ("none", "baseline", "plan")])
def test_one_or_three_scenarios_are_drawn_as_well(names):
    results = small(*names)
    for name in FIGURES:
        assert faults(draw(results, name, "en")) == []


YEARLY = {"policy_cost", "reasons", "by_products"}


@pytest.mark.parametrize(
    ("until", "missing"),
    [
        ("2021Q2", {*LATER, "revenue_fan", "revenue_clusters", "revenue_bridge", *YEARLY}),
        ("2021Q4", {*LATER, "revenue_fan", "revenue_clusters", "revenue_bridge"}),
        ("2022Q4", LATER),
    ],
)
def test_a_short_run_leaves_out_what_it_cannot_show(until, missing):
    drawn = {name.split("/")[1].split(".")[0] for name, _ in figure_files(small("plan", until=until), ["en"])}
    assert drawn == set(FIGURES) - missing


def test_a_run_that_ends_later_is_drawn_to_its_end():
    assert faults(draw(small("plan", until="2030Q4"), "revenue_fan", "en")) == []


def test_captions_tell_size_replicates_seed_and_what_is_special():
    changes = {"model.lending": "off", "policy.carbon_price.price": 80}
    results = small("plan", until="2022Q4", firms=100, **changes)
    words = " ".join(text.get_text() for text in texts_of(draw(results, "revenue_fan", "en")))
    for part in ("100 firms", "4 replicates over 2 populations", "priors", "seed 1", "not a forecast", "off: lending"):
        assert part in words
    assert "Changed by the user: policy.carbon_price.price=80" in words


def test_the_fan_shows_the_medians_of_the_summary(results, figure_of):
    words = " ".join(text.get_text() for text in texts_of(figure_of("revenue_fan", "en")))
    for branch in results.branches:
        for variable in SCOPES.values():
            assert f"{np.median(branch.at(variable, 2025)):.0f}" in words
    assert "target 400" in words


def test_the_sum_of_four_quarters_is_the_year(results):
    for branch in results.branches:
        sums = branch.last_four_quarters(SCOPES["plan"])[:, ::4]
        np.testing.assert_allclose(sums, branch.yearly[SCOPES["plan"]], rtol=1e-12)


def test_the_waterfall_holds_every_term_and_adds_up(results):
    assert list(TERMS) == list(BRIDGE_TERMS)
    for terms in mean_terms(results.bridge).values():
        assert terms[list(TERMS)[:-1]].sum() == pytest.approx(terms["target"], rel=1e-12)
    assert [signed(value) for value in (1.25, -0.5, 0.04, -0.04)] == ["+1.2", "−0.5", "0.0", "0.0"]


def test_every_reason_has_a_name_and_a_colour(results):
    assert set(mean_counts(results.branches[0])) == {*REASONS, "Ineligible"}


def test_probabilities_are_drawn_where_they_are(results):
    table = results.base_dependence.assign(p_hit=0.42, p_low=0.3, p_high=0.6)
    with style():
        figure = target_chance(dataclasses.replace(results, base_dependence=table), "en")
    points = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert {float(line.get_ydata()[0]) for line in points} == {42.0}


def test_results_of_a_bundle_are_those_of_the_ensemble(tmp_path: Path):
    ensemble = simulate(Scenario.load("plan", firms=600, until="2022Q4", parameters="prior"), 3, 2)
    made, read = Results.of(ensemble), Results.read(ensemble.save(tmp_path))
    assert read.branches[0].facts == made.branches[0].facts
    assert read.branches[0].years == made.branches[0].years
    assert read.branches[0].quarters == made.branches[0].quarters
    for kind in ("yearly", "quarterly"):
        one, two = getattr(read.branches[0], kind), getattr(made.branches[0], kind)
        assert set(one) == set(two)
        assert all((one[name] == two[name]).all() for name in one)


def test_layers_that_hold_nothing_are_left_out():
    full, nothing = Layer(np.ones(3), "a", "red"), Layer(np.zeros(3), "b", "red")
    assert without_nothing([[full, nothing], [full, nothing]]) == [[full], [full]]
    assert without_nothing([[nothing]]) == [[nothing]]


def test_labels_are_moved_apart_and_keep_their_order():
    moved = spread([5.0, 5.0, 5.1, 9.0], 1.0, 0.0, 10.0)
    assert np.diff(moved).min() > 0.99
    assert moved[3] == pytest.approx(9.0, abs=0.5)
    assert spread([0.0, 0.1], 1.0, 0.0, 10.0)[0] >= 0.0


def test_lines_break_where_they_may():
    assert wrapped("one two three", 0.3, 10) == ["one", "two", "three"]
    lines = wrapped("一二三四五六七八九十，百千万亿元", 0.7, 10)
    assert "".join(lines) == "一二三四五六七八九十，百千万亿元"
    assert not any(line.startswith(("，", "元")) for line in lines)
    assert wrapped("", 1.0, 10) == []


def test_scenarios_have_colours_of_their_own():
    colours = colours_of(["baseline", "plan", "mine", "yours"])
    assert len(set(colours.values())) == 4
    assert colours_of(["plan"])["plan"] == colours["plan"]


def test_two_languages_are_said_once_where_they_agree():
    assert both("a", "a") == "a"
    assert both("规划", "Plan") == "规划 Plan"
    assert both("一。", "One.") == "一。\nOne."
    assert speaker("zh")("规划", "Plan") == "规划"


def test_annotations_are_texts():
    assert issubclass(Annotation, Text)  # so that the tests above see them
