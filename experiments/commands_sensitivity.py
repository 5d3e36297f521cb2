"""`lvjin sensitivity`: which assumptions move an output. Morris screening, then Sobol indices of the strongest."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.designs.design import Design, design_of, load_design
from experiments.designs.factors import Factor
from experiments.designs.samples import morris
from experiments.languages import both
from experiments.progress import reporter
from experiments.questions.asking import Asked, complete, swept, tell_answer, wanted, write_answer
from experiments.questions.effects import Effects, elementary_effects, summarised
from experiments.questions.indices import Indices, saltelli_places, sobol_indices
from experiments.summary import Section
from sim.configuration.parameters import load_declarations
from sim.configuration.problems import Problem, quoted, refuse_if
from sim.results.bundle import bundle_schema
from sim.results.variable_list import variable_named

MOST_SHOWN = 20


def ask_sensitivity(
    path: Path,
    asked: Asked,
    variable: str | None = None,
    year: int | None = None,
    top: int = 6,
    size: int = 64,
    seed: int | None = None,
) -> int:
    """Screen the factors of a Morris design, then share out the variance among the strongest; return the exit code.

    Args:
        path: of the design.
        asked: where and how.
        variable: which output; by default the first that the design keeps.
        year: which year; by default the last.
        top: how many factors Sobol indices are found for; 0 for none.
        size: points of the Sobol sequence, a power of two; (top + 2) times as many are run.
        seed: instead of the design's.

    Raises:
        ConfigError: everything that is wrong with the design or the options.
    """
    design = load_design(path, seed=seed)
    refuse_if(_problems(design, top, size))
    variable, year = wanted(variable, year, design)
    file = design.file
    places = morris(file.size or 1, len(design.factors), file.levels, file.seed)
    with reporter(asked.quiet) as tell:
        screening = swept(design, "morris", asked, tell)
        effects = summarised(elementary_effects(places, complete(screening, variable, year)), file.seed)
        order = np.argsort(-effects.strength, kind="stable")
        names = [factor.name for factor in design.factors]
        tables = [(effect_table(names, effects), bundle_schema("effects"))]
        sweeps, sections = [screening], [effect_section(names, effects, order, variable, year)]
        indices, chosen = None, [design.factors[place] for place in order[:top]]
        if chosen:
            second = swept(sobol_design(design, chosen, size), "sobol", asked, tell)
            indices = sobol_indices(complete(second, variable, year), len(chosen), file.seed)
            chosen_names = [factor.name for factor in chosen]
            tables.append((index_table(chosen_names, indices), bundle_schema("indices")))
            sweeps.append(second)
            sections.append(index_section(chosen_names, indices))
        from experiments.figures import drawn_files
        from experiments.figures.sensitivity import sensitivity_figure

        draw = partial(sensitivity_figure, design, variable, year, effects, chosen, indices)
        write_answer(asked, tables, dict(drawn_files("sensitivity", draw)), {"variable": variable, "year": year})
    return tell_answer(asked, sections, sweeps)


def sobol_design(design: Design, chosen: Sequence[Factor], size: int) -> Design:
    """The points of Sobol indices: the chosen factors vary, the others stay as the design's scenario has them."""
    places = saltelli_places(size, len(chosen), design.file.seed)
    settings = [
        {factor.name: factor.at(place) for factor, place in zip(chosen, row, strict=True)} for row in places.tolist()
    ]
    return design_of(design.file, chosen, settings)


def effect_table(names: Sequence[str], effects: Effects) -> pd.DataFrame:
    """One row for each factor."""
    return pd.DataFrame(
        {
            "factor": list(names),
            "strength": effects.strength,
            "low": effects.low,
            "high": effects.high,
            "mean": effects.mean,
            "spread": effects.spread,
            "luck": effects.luck,
            "told_from_luck": effects.low > effects.luck,
        }
    )


def index_table(names: Sequence[str], indices: Indices) -> pd.DataFrame:
    """One row for each factor."""
    return pd.DataFrame(
        {
            "factor": list(names),
            "first": indices.first,
            "first_low": indices.first - indices.first_half,
            "first_high": indices.first + indices.first_half,
            "total": indices.total,
            "total_low": indices.total - indices.total_half,
            "total_high": indices.total + indices.total_half,
            "luck_share": np.full(len(names), indices.luck),
        }
    )


def factor_name(name: str) -> tuple[str, str]:
    """A factor's names for readers."""
    entry = load_declarations().get(name.partition("@")[0])
    return (entry.name_zh, entry.name_en) if entry else (name, name)


def effect_section(names: Sequence[str], effects: Effects, order: np.ndarray, variable: str, year: int) -> Section:
    """The strongest factors first."""
    told = variable_named(variable)
    rows = []
    for place in order[:MOST_SHOWN]:
        low, high = effects.low[place], effects.high[place]
        span = f"{effects.strength[place]:.3g} ({low:.3g}–{high:.3g})"
        seen = "" if low > effects.luck[place] else "与运气无法区分 not told from luck"
        cells = [f"{effects.mean[place]:+.3g}", f"{effects.spread[place]:.3g}", f"{effects.luck[place]:.2g}", seen]
        rows.append([both(*factor_name(names[place])), span, *cells])
    title = both(f"筛选：{told.name_zh}，{year}年，{told.unit}", f"Screening: {told.name_en}, {year}, {told.unit}")
    note = both(
        "μ*：因素从一端到另一端的平均绝对效应及95%区间；μ：带符号的均值；σ：交互与弯曲；运气：纯属运气时会显示的大小。",
        "μ*: mean absolute effect over the whole range with its 95 % interval. μ: with its sign. σ: interactions and "
        "bends. Luck: what luck alone would show.",
    )
    return Section(title, ["因素 factor", "μ*", "μ", "σ", "运气 luck", ""], rows, [note])


def index_section(names: Sequence[str], indices: Indices) -> Section:
    """Shares of variance."""
    rows = []
    for place, name in enumerate(names):
        spans = [
            f"{share[place]:.2f} ± {half[place]:.2f}"
            for share, half in ((indices.first, indices.first_half), (indices.total, indices.total_half))
        ]
        rows.append([both(*factor_name(name)), *spans])
    note = both(
        f"所选因素在其范围内变动时方差的份额；其中运气占 {100 * indices.luck:.1f}%。",
        f"Shares of the variance when these factors vary over their ranges; {100 * indices.luck:.1f} % of it is luck.",
    )
    header = ["因素 factor", "单独 first order", "含交互 total"]
    return Section("Sobol 指数（95%区间） Sobol indices with 95 % intervals", header, rows, [note])


def _problems(design: Design, top: int, size: int) -> list[Problem]:
    found = []
    if design.file.kind != "morris":
        found.append(Problem("DESIGN", None, "kind", quoted(design.file.kind), "morris", "See configs/designs/."))
    if top and (size < 2 or size & (size - 1)):
        found.append(Problem("--size", None, "", quoted(size), "a power of two from 2"))
    if top < 0:
        found.append(Problem("--top", None, "", quoted(top), "a whole number from 0"))
    return found
