"""How options spread in time: the shape of their curves, and the years from 10 to 90 %."""

from collections.abc import Callable

import numpy as np
from scipy.optimize import curve_fit

from experiments.patterns.evidence import Evidence, Floats, adopters, years_of
from sim.configuration.tables import load_table

FEWEST = 20.0  # new adopters of an option that is looked at
SPAN = float(np.log(81.0))  # of a logistic from 10 to 90 %, over its rate
QUICK = float(np.log(10.0) / 2.0)  # a year: nine in ten act within two years once they want to
KINDS = {
    "light": ("digital", "drives_motors", "management", "buildings"),
    "heavy": ("process", "waste_heat", "fuel_switch", "abatement"),
    "pv": ("pv_storage",),
}


def s_curve(time: Floats, ceiling: float, rate: float, middle: float) -> Floats:
    """Logistic."""
    return np.asarray(ceiling / (1.0 + np.exp(-np.clip(rate * (time - middle), -60.0, 60.0))))


def constant_hazard(time: Floats, ceiling: float, rate: float, start: float) -> Floats:
    """Whoever is left adopts with a constant hazard."""
    return np.asarray(ceiling - (ceiling - start) * np.exp(-np.clip(rate * time, 0.0, 60.0)))


def fitted(curve: Callable[..., Floats], time: Floats, counts: Floats, third: tuple[float, float, float]) -> Floats:
    """Ceiling, rate and third number of a curve by least squares; not numbers where none is found."""
    top = float(counts.max())
    start = (1.1 * top, 0.2, third[0])
    bounds = ((top, 1e-4, third[1]), (20.0 * top, 10.0, third[2]))
    try:
        found, _ = curve_fit(curve, time, counts, start, bounds=bounds, max_nfev=5000)
    except RuntimeError:
        return np.full(3, np.nan)
    return np.asarray(found, np.float64)


def logistic_fit(time: Floats, counts: Floats) -> Floats:
    """Ceiling, rate and middle."""
    return fitted(s_curve, time, counts, (float(time.mean()), -60.0, 60.0))


def hazard_fit(time: Floats, counts: Floats) -> Floats:
    """Ceiling, rate and start."""
    return fitted(constant_hazard, time, counts, (float(counts[0]), 0.0, float(counts.max())))


def is_s_shaped(time: Floats, counts: Floats) -> bool:
    """Whether the logistic fits better; both curves have three numbers, so AIC compares their squares."""
    squares = []
    for curve, numbers in ((s_curve, logistic_fit(time, counts)), (constant_hazard, hazard_fit(time, counts))):
        squares.append(np.inf if np.isnan(numbers[0]) else float(((curve(time, *numbers) - counts) ** 2).sum()))
    return squares[0] < squares[1]


def spreading(evidence: Evidence) -> dict[str, Floats]:
    """Adopters by year of the options that spread."""
    found = adopters(evidence.long)
    return {option: counts for option, counts in found.items() if counts[-1] - counts[0] >= FEWEST}


def with_constant_hazard(counts: Floats, evidence: Evidence) -> Floats:
    """As many adopters in the end, each with a constant hazard that reaches nine in ten of those who ever will."""
    new = int(counts[-1] - counts[0])
    pool, steps = int(new / 0.9) + 1, len(counts) - 1
    hazard = 1.0 - 0.1 ** (1.0 / steps)
    waiting = evidence.random.geometric(hazard, pool)
    later = [float(np.count_nonzero(waiting <= step)) for step in range(len(counts))]
    return np.asarray(counts[0] + np.array(later))


def diffusion_form(evidence: Evidence) -> tuple[float, float]:
    """Share of spreading options whose curve is S-shaped, and of the same with a constant hazard."""
    time = years_of(evidence.long) - years_of(evidence.long)[0]
    seen = [is_s_shaped(time, counts) for counts in spreading(evidence).values()]
    null = [is_s_shaped(time, with_constant_hazard(counts, evidence)) for counts in spreading(evidence).values()]
    return float(np.mean(seen)) if seen else np.nan, float(np.mean(null)) if null else np.nan


def years_to_spread(evidence: Evidence, kind: str) -> tuple[float, float]:
    """Median of the years from 10 to 90 % of a kind of options, and with everybody knowing everything."""
    table = load_table("options")
    group = dict(zip(table["option"], table["group"], strict=True))
    time = years_of(evidence.long) - years_of(evidence.long)[0]
    mine = {option: counts for option, counts in spreading(evidence).items() if group[option] in KINDS[kind]}
    seen = [SPAN / logistic_fit(time, counts)[1] for counts in mine.values()]
    null = []
    for counts in mine.values():
        waits = evidence.random.exponential(1.0 / QUICK, max(int(counts[-1] - counts[0]), 1))
        gone = np.array([float(np.count_nonzero(waits <= year)) for year in time])
        null.append(SPAN / logistic_fit(time, gone)[1])
    return float(np.nanmedian(seen)) if seen else np.nan, float(np.nanmedian(null)) if null else np.nan


def diffusion_time_light(evidence: Evidence) -> tuple[float, float]:
    """Light measures."""
    return years_to_spread(evidence, "light")


def diffusion_time_heavy(evidence: Evidence) -> tuple[float, float]:
    """Heavy retrofits."""
    return years_to_spread(evidence, "heavy")


def diffusion_time_pv(evidence: Evidence) -> tuple[float, float]:
    """Solar and storage."""
    return years_to_spread(evidence, "pv")
