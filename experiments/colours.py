"""The colours of every figure and of the application; nothing else, so that using them loads no library.

Told apart with any colour vision (Okabe and Ito 2008; Tol 2021), and by lightness in print.
"""

from collections.abc import Iterable

INK, SOFT, FAINT, PAPER = "#1d2527", "#5c6769", "#d9dedd", "#ffffff"
SCENARIO_COLOURS = {"none": "#b5651d", "baseline": "#6d7881", "plan": "#00798c"}
OTHER_COLOURS = ("#d1495b", "#8a5a9e", "#c58b00", "#2f5d8a")
SERIES = (
    *("#00798c", "#edae49", "#d1495b", "#66a182", "#2e4057", "#8d96a3", "#c9a0b6", "#a0612b"),
    *("#5aa9b4", "#f3d08f", "#8a5a9e", "#b3d4c0", "#4b4f57", "#c58b00", "#e09aa3", "#7d8fa3"),
)


def colours_of(names: Iterable[str]) -> dict[str, str]:
    """A colour for each scenario, the same in every figure."""
    spare = iter(OTHER_COLOURS * 50)
    return {name: SCENARIO_COLOURS.get(name) or next(spare) for name in names}
