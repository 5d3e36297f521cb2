"""The box of discovery: every point in the plane of the two factors that restrict it most, and the box itself."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from experiments.colours import INK, SERIES, SOFT
from experiments.figures.sensitivity import label
from experiments.figures.sheet import sheet
from experiments.languages import Language, speaker
from experiments.questions.prim import Box, Floats


def box_figure(
    factors: Floats,
    cases: Floats,
    names: Sequence[str],
    box: Box,
    table: pd.DataFrame,
    outcome: tuple[str, str],
    language: Language,
) -> Figure:
    """Points coloured by how often the outcome came, and the box in the plane of its two strongest factors."""
    say = speaker(language)
    worth = table["information"].to_numpy() + box.restricted
    order = [int(place) for place in np.argsort(-worth, kind="stable")]
    first, second = order[0], order[min(1, len(order) - 1)]
    drawn = sheet(
        language,
        say("结果在哪里集中出现", "Where the outcome concentrates"),
        say(
            f"{outcome[0]}；颜色越深，该点的重复中出现得越多；框为PRIM找到的区域",
            f"{outcome[1]}; the darker a point, the more of its replicates show it; the frame is the box of PRIM",
        ),
        [
            say(
                f"全部样本中{100 * cases.mean():.0f}%，区域内{100 * box.density:.0f}%。",
                f"{100 * cases.mean():.0f} % of the sample, {100 * box.density:.0f} % inside the box.",
            )
        ],
        height=3.8,
        left=1.0,
        ticks=0.8,
    )
    axis = drawn.axes[0][0]
    axis.scatter(factors[:, first], factors[:, second], s=20, facecolor="none", edgecolor=SOFT, linewidth=0.5)
    axis.scatter(factors[:, first], factors[:, second], s=20, color=SERIES[0], alpha=cases, linewidths=0)
    corner = [float(table["from"].iloc[place]) for place in (first, second)]
    sizes = [float(table["to"].iloc[place]) - start for place, start in zip((first, second), corner, strict=True)]
    axis.add_patch(Rectangle((corner[0], corner[1]), sizes[0], sizes[1], fill=False, edgecolor=INK, linewidth=1.4))
    axis.set_xlabel(label(names[first], language))
    axis.set_ylabel(label(names[second], language))
    return drawn.figure
