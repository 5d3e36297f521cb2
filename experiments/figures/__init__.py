"""Figures of a run, for papers and briefs: PNG and SVG, in English and in Chinese.

The only modules that draw with matplotlib, beside experiments/fonts.py. Each figure is a function of results and a
language; a figure that a run holds no numbers for is left out.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from matplotlib.figure import Figure

from experiments.figures.adoption import adoption, used_groups
from experiments.figures.by_products import by_products
from experiments.figures.certificates import certificates, certified
from experiments.figures.chance import target_chance
from experiments.figures.clusters import revenue_clusters
from experiments.figures.fan import revenue_fan
from experiments.figures.indicators import indicators
from experiments.figures.reasons import reasons
from experiments.figures.sheet import style
from experiments.figures.spending import policy_cost
from experiments.figures.waterfall import revenue_bridge
from experiments.languages import LANGUAGES, Language
from experiments.results import QUARTERS, Results

DOTS_PER_INCH = 200
METADATA: dict[str, dict[str, str | None]] = {"png": {"Software": "Lvjin"}, "svg": {"Creator": "Lvjin", "Date": None}}


class Drawing(NamedTuple):
    """A figure: how it is drawn, and whether results hold what it shows."""

    draw: Callable[[Results, Language], Figure]
    possible: Callable[[Results], bool]


def _a_year(results: Results) -> bool:
    return all(len(branch.quarters) >= QUARTERS for branch in results.branches)


def _two_years(results: Results) -> bool:
    return all(len(branch.quarters) >= 2 * QUARTERS for branch in results.branches)


def _exchanged(results: Results) -> bool:
    return _a_year(results) and any(branch.yearly["By-products|Links"].any() for branch in results.branches)


FIGURES: dict[str, Drawing] = {
    "revenue_fan": Drawing(revenue_fan, _two_years),
    "target_chance": Drawing(target_chance, lambda results: len(results.base_dependence) > 0),
    "revenue_clusters": Drawing(revenue_clusters, _two_years),
    "revenue_bridge": Drawing(revenue_bridge, lambda results: len(results.bridge) > 0),
    "indicators": Drawing(indicators, lambda results: bool(results.indicators["p50"].notna().any())),
    "adoption": Drawing(adoption, lambda results: bool(used_groups(results))),
    "certificates": Drawing(certificates, certified),
    "by_products": Drawing(by_products, _exchanged),
    "policy_cost": Drawing(policy_cost, _a_year),
    "reasons": Drawing(reasons, _a_year),
}


def figure_files(results: Results, languages: Sequence[Language] = LANGUAGES) -> Iterator[tuple[str, bytes]]:
    """Draw all figures.

    Args:
        results: of a run.
        languages: `en`, `zh`.

    Yields:
        Name inside the bundle (`figures/revenue_fan.en.png`) and content.

    Raises:
        FileNotFoundError: no font with Chinese characters is to be found; says what to install.
    """
    for name, drawing in FIGURES.items():
        if drawing.possible(results):
            yield from drawn_files(name, partial(drawing.draw, results), languages)


def drawn_files(
    name: str, draw: Callable[[Language], Figure], languages: Sequence[Language] = LANGUAGES
) -> Iterator[tuple[str, bytes]]:
    """Draw one figure in every language: name inside the bundle, and content."""
    for language in languages:
        with style():
            figure = draw(language)
            for kind, metadata in METADATA.items():
                stream = io.BytesIO()
                figure.savefig(stream, format=kind, dpi=DOTS_PER_INCH, metadata=metadata)
                yield f"figures/{name}.{language}.{kind}", stream.getvalue()


def figure_names(results: Results | None = None) -> list[str]:
    """The files that `figure_files` yields of these results, or may yield of any."""
    names = [name for name, drawing in FIGURES.items() if results is None or drawing.possible(results)]
    return [f"figures/{name}.{language}.{kind}" for name in names for language in LANGUAGES for kind in METADATA]
