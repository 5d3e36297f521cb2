"""Stacks: layers over time or by year, one panel for each scenario, named beside the last panel."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from experiments.captions import notes, scenario_title
from experiments.colours import INK, SOFT
from experiments.figures.sheet import sheet, spread, wrapped
from experiments.languages import Language, speaker
from experiments.results import Branch, Results

Floats = NDArray[np.float64]
STROKE = 0.045  # of an axis, from a layer to its name
NAMES = 2.3  # inches for the names of the layers
COLUMNS = 2
ROOM = 1.05  # above the highest stack
NOTHING = 5e-4  # of the highest stack: thinner layers are not drawn


class Layer(NamedTuple):
    """One layer of a stack: its values by time, its name, colour and hatch."""

    values: Floats
    name: str
    colour: str
    hatch: str = ""


class Texts(NamedTuple):
    """The words of a figure of stacks in its language."""

    title: str
    subtitle: str
    note: str


Layers = Callable[[Branch], list[Layer]]
Draw = Callable[[Axes, list[Layer], Branch], None]


def stacked(
    results: Results,
    language: Language,
    texts: Texts,
    layers: Layers,
    draw: Draw,
    written: str = "{:.0f}",
    top: float = 0.0,
) -> Figure:
    """A figure with a stack for each scenario, all on one scale.

    Args:
        results: what is shown.
        language: of all words.
        texts: title, subtitle, note.
        layers: the layers of a scenario, the lowest first.
        draw: puts layers into an axis.
        written: how a layer's last value is written beside it.
        top: of the scale; by default room for the highest stack.
    """
    say, branches = speaker(language), results.branches
    stacks = without_nothing([layers(branch) for branch in branches])
    top = top or ROOM * max(float(np.sum([one.values for one in stack], axis=0).max()) for stack in stacks) or 1.0
    columns = min(COLUMNS, len(branches))
    rows = -(-len(branches) // columns)
    drawn = sheet(
        language,
        texts.title,
        texts.subtitle,
        notes(results, say, texts.note),
        rows=rows,
        columns=columns,
        height=3.6,
        right=NAMES + 0.55,
        gap=(0.75, 0.75),
        sharey=True,
        sharex=True,
    )
    axes = drawn.axes.ravel()
    for axis, branch, stack in zip(axes, branches, stacks, strict=False):
        axis.set_title(scenario_title(branch.name, say))
        draw(axis, stack, branch)
        axis.set_ylim(0, top)
        axis.tick_params(labelbottom=True)
    for axis in axes[len(branches) :]:
        axis.set_axis_off()
    ends = [place % columns == columns - 1 or place == len(branches) - 1 for place in range(len(branches))]
    for place, (axis, stack) in enumerate(zip(axes, stacks, strict=False)):
        told = [there(layer, written) for layer in stack]
        if place == len(branches) - 1:  # a colour that ends at nothing wherever names stand is told here
            named = [other for other, end in zip(stacks, ends, strict=True) if end]
            told = [k or not any(there(other[j], written) for other in named) for j, k in enumerate(told)]
        name_layers(axis, stack, written, told, with_names=ends[place])
    return drawn.figure


def there(layer: Layer, written: str) -> bool:
    """Whether the last value of a layer is more than nothing, as it is written."""
    return float(written.format(layer.values[-1]).replace(",", "")) != 0.0


def without_nothing(stacks: list[list[Layer]]) -> list[list[Layer]]:
    """The stacks without layers that are as good as empty in all of them, so that no name stands for nothing."""
    least = NOTHING * max(float(np.sum([layer.values for layer in stack], axis=0).max()) for stack in stacks)
    kept = [k for k in range(len(stacks[0])) if any(stack[k].values.max() > least for stack in stacks)]
    return [[stack[k] for k in kept] or stack[:1] for stack in stacks]


def draw_areas(axis: Axes, time: Floats, layers: Sequence[Layer]) -> None:
    """Stack layers over time, the first at the bottom, with thin white lines between them."""
    floor = np.zeros(len(time))
    for layer in layers:
        top = floor + layer.values
        axis.fill_between(time, floor, top, facecolor=layer.colour, edgecolor="white", linewidth=0.6, hatch=layer.hatch)
        floor = top


def draw_bars(axis: Axes, places: Floats, layers: Sequence[Layer]) -> None:
    """Stack layers in bars, the first at the bottom."""
    floor = np.zeros(len(places))
    for layer in layers:
        axis.bar(places, layer.values, 0.62, floor, color=layer.colour, edgecolor="white", linewidth=0.6)
        floor = floor + layer.values


def name_layers(axis: Axes, layers: Sequence[Layer], written: str, told: Sequence[bool], with_names: bool) -> None:
    """Write the last value, and name if wanted, of the told layers beside their ends, moved apart where thin."""
    low, high = axis.get_ylim()
    figure = axis.get_figure(root=True)
    assert figure is not None
    inches = axis.get_position().height * figure.get_size_inches()[1]
    tops = np.cumsum([layer.values[-1] for layer in layers])
    middles = [float(top - layer.values[-1] / 2) for top, layer in zip(tops, layers, strict=True)]
    layers = [layer for layer, one in zip(layers, told, strict=True) if one]
    middles = [middle for middle, one in zip(middles, told, strict=True) if one]
    lines = [wrapped(layer.name, NAMES, 8.5) if with_names else [] for layer in layers]
    least = (0.3 if any(len(names) > 1 for names in lines) else 0.17) * (high - low) / inches
    places = spread(middles, least, low + least / 2, high)
    for layer, names, middle, place in zip(layers, lines, middles, places, strict=True):
        name_layer(axis, middle, place, written.format(layer.values[-1]), "\n".join(names))


def name_layer(axis: Axes, middle: float, place: float, number: str, name: str) -> None:
    """Write number and name at a height beside the axis, with a stroke to the layer's middle."""
    start, end = axis.get_xlim()
    reach = STROKE * (end - start)
    stroke = {"arrowstyle": "-", "color": SOFT, "linewidth": 0.5, "shrinkA": 0, "shrinkB": 0}
    axis.annotate("", (end, middle), (end + reach, place), annotation_clip=False, arrowprops=stroke)
    for text, points, side in ((number, 26, "right"), (name, 32, "left")):
        axis.annotate(
            text,
            (end + reach, place),
            (points, 0),
            textcoords="offset points",
            annotation_clip=False,
            ha=side,
            va="center",
            size=8.5,
            color=INK,
            linespacing=1.1,
        )
