"""Our own exponential, logarithm and inverse distributions: right to the last places, and the same bits everywhere."""

import decimal
import hashlib
import itertools
import math
import struct
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from agents import mathematics as ours
from agents._compiled import kernel

pytestmark = pytest.mark.kernels

INFINITY, NOT_A_NUMBER = float("inf"), float("nan")
decimal.getcontext().prec = 60

finite = st.floats(allow_nan=False, allow_infinity=False)
shares = st.floats(0.0, 1.0, exclude_min=True, exclude_max=True)


def ulps(got: float, wanted: Decimal) -> float:
    """Return the error of `got` in units of the last place of the true value."""
    return float(abs(Decimal(got) - wanted) / Decimal(math.ulp(float(wanted))))


def bits(values) -> str:
    return hashlib.sha256(b"".join(struct.pack("<d", value) for value in values)).hexdigest()[:16]


@given(st.floats(-745.0, 709.78))
def test_exp_is_right_to_one_place(x):
    assert ulps(ours.exp(x), Decimal(x).exp()) < 1.0


@given(st.floats(min_value=5e-324, allow_infinity=False))
def test_log_is_right_to_one_place(x):
    assert ulps(ours.log(x), Decimal(x).ln()) < 1.0 or x == 1.0


@given(st.floats(0.9, 1.1))
def test_log_is_right_near_one(x):
    assert ulps(ours.log(x), Decimal(x).ln()) < 1.0 or x == 1.0


@pytest.mark.parametrize(
    ("x", "wanted"),
    [
        (0.0, 1.0),
        (-0.0, 1.0),
        (1e-300, 1.0),
        (709.782712893384, 1.797693134862273e308),
        (709.7827128933841, INFINITY),
        (1e308, INFINITY),
        (INFINITY, INFINITY),
        (-745.1332191019411, 5e-324),
        (-745.1332191019412, 0.0),
        (-1e308, 0.0),
        (-INFINITY, 0.0),
    ],
)
def test_exp_at_the_ends(x, wanted):
    assert ours.exp(x) == pytest.approx(wanted, rel=1e-12, abs=0.0)


@pytest.mark.parametrize(
    ("x", "wanted"),
    [(0.0, -INFINITY), (-0.0, -INFINITY), (1.0, 0.0), (INFINITY, INFINITY), (5e-324, -744.4400719213812)],
)
def test_log_at_the_ends(x, wanted):
    assert ours.log(x) == wanted


@pytest.mark.parametrize("x", [-1.0, -5e-324, -INFINITY, NOT_A_NUMBER])
def test_what_has_no_logarithm_is_not_a_number(x):
    assert math.isnan(ours.log(x))


def test_exp_of_not_a_number_is_not_a_number():
    assert math.isnan(ours.exp(NOT_A_NUMBER))


@given(st.floats(1e-6, 1e6), st.floats(-20.0, 20.0))
def test_power_loses_no_more_than_it_says(x, y):
    wanted = Decimal(x) ** Decimal(y)
    tolerance = (2.0 + abs(y * math.log(x))) * 2.0**-52
    assert abs(Decimal(ours.power(x, y)) / wanted - 1) < Decimal(tolerance)


@pytest.mark.parametrize(
    ("x", "y", "wanted"),
    [(0.0, 0.0, 1.0), (0.0, 2.0, 0.0), (0.0, -1.0, INFINITY), (INFINITY, 0.0, 1.0), (1.0, 1e300, 1.0)],
)
def test_power_at_the_ends(x, y, wanted):
    assert ours.power(x, y) == wanted


@given(st.floats(-800.0, 800.0))
def test_logistic_is_a_probability_and_symmetric(x):
    assert 0.0 <= ours.logistic(x) <= 1.0
    assert ours.logistic(x) + ours.logistic(-x) == pytest.approx(1.0, abs=3e-16)
    assert ours.logistic(x) == pytest.approx(float(special.expit(x)), rel=1e-14, abs=1e-300)


@pytest.mark.parametrize(
    ("u", "wanted"),  # test values of Wichura (1988), and one more in the far tail
    [(0.25, -0.6744897501960817), (0.001, -3.090232306167814), (1e-20, -9.262340089798408), (0.5, 0.0)],
)
def test_normal_quantile_has_the_published_values(u, wanted):
    assert ours.normal_quantile(u) == pytest.approx(wanted, rel=1e-15)


@given(shares)
def test_normal_quantile_agrees_with_another_algorithm(u):
    assert ours.normal_quantile(u) == pytest.approx(float(special.ndtri(u)), rel=1e-13, abs=1e-15)


@pytest.mark.parametrize(("u", "wanted"), [(0.0, -INFINITY), (1.0, INFINITY)])
def test_normal_quantile_at_the_ends(u, wanted):
    assert ours.normal_quantile(u) == wanted


@pytest.mark.parametrize("u", [-0.1, 1.1, NOT_A_NUMBER])
def test_a_share_outside_has_no_quantile(u):
    assert math.isnan(ours.normal_quantile(u))


@given(st.floats(1e-12, 1.0, exclude_max=True))
def test_quantiles_agree_with_another_library(u):
    close = {"rel": 1e-9, "abs": 1e-12}
    assert ours.lognormal_quantile(u, 3.0, 0.7) == pytest.approx(stats.lognorm.ppf(u, 0.7, scale=3.0), **close)
    assert ours.laplace_quantile(u, 0.15) == pytest.approx(stats.laplace.ppf(u, scale=0.15), **close)
    assert ours.exponential_quantile(u, 2.5) == pytest.approx(stats.expon.ppf(u, scale=2.5), **close)
    assert ours.pareto_quantile(u, 2.0, 1.5) == pytest.approx(stats.pareto.ppf(u, 1.5, scale=2.0), **close)
    assert ours.triangular_quantile(u, 1.0, 2.0, 5.0) == pytest.approx(stats.triang.ppf(u, 0.25, 1.0, 4.0), **close)


@given(shares, st.floats(-1e6, 1e6), st.floats(0.0, 1e6), st.floats(0.0, 1e6))
def test_a_triangular_draw_stays_between_its_bounds(u, low, rise, fall):
    mode, high = low + rise, low + rise + fall
    assert low <= ours.triangular_quantile(u, low, mode, high) <= high


@given(st.lists(shares, min_size=2))
def test_quantiles_rise(draws):
    for quantile in (ours.normal_quantile, lambda u: ours.laplace_quantile(u, 1.0)):
        values = [quantile(u) for u in sorted(draws)]
        assert all(low <= high + 1e-15 * abs(high) for low, high in itertools.pairwise(values))


@pytest.mark.parametrize(
    ("x", "wanted"),
    [
        (0.5, 1),
        (-0.5, -1),
        (0.49999999999999994, 0),
        (-0.49999999999999994, 0),
        (2.5, 3),
        (-2.5, -3),
        (1e15 + 0.5, 10**15 + 1),
        (4503599627370497.5, 4503599627370498),
        (9007199254740993.0, 9007199254740992),
        (-9.2e18, -9200000000000000000),
    ],
)
def test_halves_are_rounded_away_from_zero(x, wanted):
    assert ours.whole(x) == wanted


@given(st.floats(-8e12, 8e12))
def test_fixed_numbers_come_back(x):
    assert ours.from_fixed(ours.fixed(x)) == pytest.approx(x, abs=2.0**-21, rel=1e-15)


@given(st.lists(st.floats(-1e9, 1e9), max_size=20), st.randoms())
def test_sums_of_fixed_numbers_do_not_depend_on_their_order(values, luck):
    shuffled = list(values)
    luck.shuffle(shuffled)
    assert sum(ours.fixed(x) for x in values) == sum(ours.fixed(x) for x in shuffled)


@given(finite)
def test_bits_are_cast_there_and_back(x):
    assert ours.bit_cast(x) == struct.unpack("<q", struct.pack("<d", x))[0]
    assert ours.bit_cast(ours.bit_cast(x)) == x


@kernel
def tabulate(x, u, values):
    for i in range(len(x)):
        values[0, i] = ours.exp(x[i])
        values[1, i] = ours.log(x[i] * x[i])
        values[2, i] = ours.logistic(0.1 * x[i])
        values[3, i] = ours.power(abs(x[i]), 1.7)
        values[4, i] = ours.normal_quantile(u[i])
        values[5, i] = ours.laplace_quantile(u[i], 0.15)
        values[6, i] = ours.triangular_quantile(u[i], 0.1, 0.2, 0.9)
        values[7, i] = ours.pareto_quantile(u[i], 1.0, 1.3)
        values[8, i] = float(ours.whole(1e6 * x[i]) + ours.fixed(x[i]))


def test_a_loop_computes_the_same_bits_compiled_and_interpreted():
    """One frozen hash for every processor, C library, Python and pass of the suite."""
    x = np.arange(-500, 500) * 0.7531
    u = (np.arange(1000) + 0.5) / 1000
    values = np.zeros((9, 1000))
    tabulate(x, u, values)
    assert bits(values.ravel()) == "0e4bcc9ce1a94848"


def test_one_value_computes_the_same_bits_as_a_loop():
    values = np.zeros((9, 1))
    for x, u in ((-3.7, 0.013), (0.2, 0.6), (41.0, 0.9999)):
        tabulate(np.array([x]), np.array([u]), values)
        assert values[0, 0] == ours.exp(x)
        assert values[2, 0] == ours.logistic(0.1 * x)
        assert values[4, 0] == ours.normal_quantile(u)
