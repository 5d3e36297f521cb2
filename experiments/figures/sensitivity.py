"""Which assumptions matter: effects over the whole range, and shares of variance of the strongest."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from experiments.colours import FAINT, SERIES
from experiments.designs.design import Design
from experiments.designs.factors import Factor
from experiments.figures.bars import draw_bars_with_intervals
from experiments.figures.sheet import sheet
from experiments.languages import Language, speaker
from experiments.questions.effects import Effects
from experiments.questions.indices import Indices
from experiments.questions.unknowns import unknown_name
from sim.results.variable_list import variable_named

MOST = 16  # factors that are drawn


def sensitivity_figure(
    design: Design,
    variable: str,
    year: int,
    effects: Effects,
    chosen: Sequence[Factor],
    indices: Indices | None,
    language: Language,
) -> Figure:
    """Strength of each factor (Morris), and Sobol indices of the strongest."""
    say = speaker(language)
    told = variable_named(variable)
    name = say(told.name_zh, told.name_en)
    order = np.argsort(-effects.strength, kind="stable")[:MOST]
    drawn = sheet(
        language,
        say(f"哪些假设最影响{name}", f"Which assumptions move: {name}"),
        say(
            f"{year}年，{told.unit}；左：因素在其范围内的平均绝对效应（Morris），灰色为纯运气的大小；右：方差份额（Sobol），上为单独，下含交互",
            f"{year}, {told.unit}; left: mean absolute effect over a factor's range (Morris), grey is what luck alone "
            "would show; right: shares of variance of the strongest (Sobol), above alone, below with interactions",
        ),
        [
            say(
                f"{design.file.size}条轨迹，每点重复{design.file.replicates}次；线为95%区间。",
                f"{design.file.size} trajectories, {design.file.replicates} replicates of each point; lines are 95 % "
                "intervals.",
            )
        ],
        columns=2 if indices else 1,
        height=0.5 + 0.27 * len(order),
        left=3.0,
        gap=(2.9, 0.5),
    )
    left = drawn.axes[0][0]
    labels = [label(design.factors[place].name, language) for place in order]
    draw_bars_with_intervals(left, labels, effects.strength[order], effects.low[order], effects.high[order])
    left.barh(np.arange(len(order))[::-1], effects.luck[order], height=0.62, color=FAINT, alpha=0.9)
    if indices is not None:
        right = drawn.axes[0][1]
        names = [label(factor.name, language) for factor in chosen]
        shares = (
            (indices.first, indices.first_half, SERIES[0], 0.16),
            (indices.total, indices.total_half, SERIES[1], -0.16),
        )
        for share, half, colour, raised in shares:
            draw_bars_with_intervals(right, names, share, share - half, share + half, colour, 0.3, raised)
    return drawn.figure


def label(name: str, language: Language) -> str:
    """A factor's name in a language, shortened."""
    text = speaker(language)(*unknown_name(name))
    most = 20 if language == "zh" else 44
    return text if len(text) <= most else text[: most - 1] + "…"
