"""Exponential, logarithm and inverse distributions made only of + − × ÷, comparisons, square root and one bit cast.

So a result is the same bits on every processor, with every C library, compiled or interpreted; libm promises none of
this. Largest errors, measured against 100-digit arithmetic: exp and log below 1 ulp, normal_quantile 1e-15 relative.
"""

import math
import struct
from typing import Any

from numba import types
from numba.extending import intrinsic, overload

from agents._compiled import formula

INFINITY = float("inf")
NOT_A_NUMBER = float("nan")


def bit_cast(number: Any) -> Any:
    """Return the 64 bits of a float as a signed integer, and those of an integer as a float."""
    if isinstance(number, float):
        return int(struct.unpack("<q", struct.pack("<d", number))[0])
    return float(struct.unpack("<d", struct.pack("<q", number))[0])


@intrinsic
def _bit_cast(typing_context: Any, number: Any) -> Any:
    result = types.int64 if number == types.float64 else types.float64

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], context.get_value_type(signature.return_type))

    return result(number), generate


def _compiled_bit_cast(number: Any) -> Any:
    return _bit_cast(number)  # type: ignore[call-arg]


@overload(bit_cast, strict=False)
def _compile_bit_cast(number: Any) -> Any:
    if number in (types.float64, types.int64):
        return _compiled_bit_cast
    return None


def truncated(x: float) -> float:
    """Return x without its fraction."""
    return float(int(x))


@intrinsic
def _truncated(typing_context: Any, x: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        truncate = builder.module.declare_intrinsic("llvm.trunc", [arguments[0].type])
        return builder.call(truncate, arguments)

    return types.float64(types.float64), generate


def _compiled_truncated(x: Any) -> Any:
    return _truncated(x)  # type: ignore[call-arg]


@overload(truncated, strict=False)
def _compile_truncated(x: Any) -> Any:
    return _compiled_truncated if x == types.float64 else None


@formula
def exp(x: float) -> float:
    """Exponential of x; 0 below −745.13, infinite above 709.78, subnormal results rounded twice."""
    x = float(x)
    if x != x:
        return NOT_A_NUMBER
    bounded = min(max(x, -746.0), 710.0)
    # Adding 1.5·2⁵² rounds to a whole number k and leaves it in the low bits.
    shifted = bounded * 1.4426950408889634 + 6755399441055744.0
    k = shifted - 6755399441055744.0
    # ln 2 in two parts: k times the first part is exact.
    high = bounded - k * 0.6931471803691238
    low = k * 1.9082149292705877e-10
    r = high - low
    # Minimax for (exp(r) − 1 − r) / r² on |r| ≤ ln 2 / 2, error 0.033 ulp of exp(r).
    p = 2.7630306208172274e-07 + r * 2.5000013913453016e-08
    p = 2.480149294975501e-05 + r * (2.7557586818266117e-06 + r * p)
    p = 0.0013888888943759845 + r * (0.0001984126950575929 + r * p)
    p = 0.041666666666529725 + r * (0.008333333333494983 + r * p)
    p = 0.5000000000000011 + r * (0.1666666666666641 + r * p)
    mantissa = 1.0 + (high - (low - r * r * p))
    # 2ᵏ in two factors, since k itself may lie outside the range of an exponent.
    whole = bit_cast(shifted) - 0x4338000000000000
    half = whole >> 1
    return mantissa * bit_cast((half + 1023) << 52) * bit_cast((whole - half + 1023) << 52)


@formula
def log(x: float) -> float:
    """Natural logarithm; minus infinity at zero, not a number below."""
    x = float(x)
    if not x > 0.0:
        return -INFINITY if x == 0.0 else NOT_A_NUMBER
    if x == INFINITY:
        return INFINITY
    scale = 0.0
    if x < 2.2250738585072014e-308:
        x = x * 18014398509481984.0
        scale = -54.0
    # x = 2ᵏ·(1 + f) with 1 + f between √½ and √2.
    bits = bit_cast(x) + (0x3FF0000000000000 - 0x3FE6A09E667F3BCD)
    k = float((bits >> 52) - 1023) + scale
    f = bit_cast((bits & 0x000FFFFFFFFFFFFF) + 0x3FE6A09E667F3BCD) - 1.0
    # The series of FreeBSD's e_log.c in s = f / (2 + f).
    s = f / (2.0 + f)
    z = s * s
    p = 0.1818357216161805 + z * (0.15313837699209373 + z * 0.14798198605116586)
    p = 0.2857142874366239 + z * (0.22222198432149784 + z * p)
    p = z * (0.6666666666666735 + z * (0.3999999999940942 + z * p))
    half_square = 0.5 * f * f
    return k * 0.6931471803691238 - ((half_square - (s * (half_square + p) + k * 1.9082149292705877e-10)) - f)


@formula
def power(x: float, y: float) -> float:
    """Power y of x ≥ 0 as exp(y·log x), relative error about (1 + |y·log x|)·2⁻⁵³; not a number for x < 0."""
    y = float(y)
    if y == 0.0:
        return 1.0
    return exp(y * log(x))


@formula
def logistic(x: float) -> float:
    """1 / (1 + e⁻ˣ), the probability with log odds x; never overflows."""
    tail = exp(-abs(x))
    if x >= 0.0:
        return 1.0 / (1.0 + tail)
    return tail / (1.0 + tail)


@formula
def normal_quantile(u: float) -> float:
    """Standard normal deviate below which lies the share u (Wichura 1988, algorithm AS 241, PPND16)."""
    if not (u > 0.0 and u < 1.0):
        return _quantile_at_the_end(u)
    q = u - 0.5
    if abs(q) <= 0.425:
        return q * _normal_centre(0.180625 - q * q)
    r = math.sqrt(-log(min(u, 1.0 - u)))
    if r <= 5.0:
        deviate = _normal_shoulder(r - 1.6)
    else:
        deviate = _normal_tail(r - 5.0)
    if q < 0.0:
        return -deviate
    return deviate


@formula
def _quantile_at_the_end(u: float) -> float:
    if u == 0.0:
        return -INFINITY
    if u == 1.0:
        return INFINITY
    return NOT_A_NUMBER


@formula
def _normal_centre(r: float) -> float:
    a = 6.7265770927008700853e4 + r * (3.3430575583588128105e4 + r * 2.5090809287301226727e3)
    a = 1.9715909503065514427e3 + r * (1.3731693765509461125e4 + r * (4.5921953931549871457e4 + r * a))
    a = 3.3871328727963666080e0 + r * (1.3314166789178437745e2 + r * a)
    b = 3.9307895800092710610e4 + r * (2.8729085735721942674e4 + r * 5.2264952788528545610e3)
    b = 6.8718700749205790830e2 + r * (5.3941960214247511077e3 + r * (2.1213794301586595867e4 + r * b))
    return a / (1.0 + r * (4.2313330701600911252e1 + r * b))


@formula
def _normal_shoulder(r: float) -> float:
    a = 2.41780725177450611770e-1 + r * (2.27238449892691845833e-2 + r * 7.74545014278341407640e-4)
    a = 5.76949722146069140550e0 + r * (3.64784832476320460504e0 + r * (1.27045825245236838258e0 + r * a))
    a = 1.42343711074968357734e0 + r * (4.63033784615654529590e0 + r * a)
    b = 1.51986665636164571966e-2 + r * (5.47593808499534494600e-4 + r * 1.05075007164441684324e-9)
    b = 1.67638483018380384940e0 + r * (6.89767334985100004550e-1 + r * (1.48103976427480074590e-1 + r * b))
    return a / (1.0 + r * (2.05319162663775882187e0 + r * b))


@formula
def _normal_tail(r: float) -> float:
    a = 1.24266094738807843860e-3 + r * (2.71155556874348757815e-5 + r * 2.01033439929228813265e-7)
    a = 1.78482653991729133580e0 + r * (2.96560571828504891230e-1 + r * (2.65321895265761230930e-2 + r * a))
    a = 6.65790464350110377720e0 + r * (5.46378491116411436990e0 + r * a)
    b = 1.84631831751005468180e-5 + r * (1.42151175831644588870e-7 + r * 2.04426310338993978564e-15)
    b = 1.36929880922735805310e-1 + r * (1.48753612908506148525e-2 + r * (7.86869131145613259100e-4 + r * b))
    return a / (1.0 + r * (5.99832206555887937690e-1 + r * b))


@formula
def lognormal_quantile(u: float, median: float, log_spread: float) -> float:
    """Quantile u of a lognormal with this median and this standard deviation of logarithms; median's unit."""
    return median * exp(log_spread * normal_quantile(u))


@formula
def laplace_quantile(u: float, scale: float) -> float:
    """Quantile u of a Laplace distribution around zero with mean absolute deviation `scale`."""
    if u < 0.5:
        return scale * log(2.0 * u)
    return -scale * log(2.0 * (1.0 - u))


@formula
def exponential_quantile(u: float, mean: float) -> float:
    """Quantile u of an exponential distribution with this mean; mean's unit."""
    return -mean * log(1.0 - u)


@formula
def pareto_quantile(u: float, minimum: float, exponent: float) -> float:
    """Quantile u of a Pareto distribution whose share above x is (minimum / x) ** exponent; minimum's unit."""
    return minimum * exp(-log(1.0 - u) / exponent)


@formula
def triangular_quantile(u: float, low: float, mode: float, high: float) -> float:
    """Quantile u of a triangular distribution; low where low = high."""
    width = high - low
    if not width > 0.0:
        return low
    if u * width < mode - low:
        return min(low + math.sqrt(u * width * (mode - low)), high)
    return max(high - math.sqrt((1.0 - u) * width * (high - mode)), low)


@formula
def whole(x: float) -> int:
    """Nearest integer, halves away from zero; x finite and within ±2⁶³."""
    x = float(x)
    cut = truncated(x)
    # No branch: every other number would go the way that the processor did not expect. Floats until the last step:
    # a number that becomes an integer and a float again takes longer.
    return int(cut + truncated(2.0 * (x - cut)))


@formula
def fixed(x: float) -> int:
    """Number of whole 2⁻²⁰ units in x: sums of them do not depend on the order; x finite and within ±2⁴³."""
    return whole(x * 1048576.0)


@formula
def from_fixed(units: int) -> float:
    """The number of which `units` whole 2⁻²⁰ units are made."""
    return float(units) * 9.5367431640625e-07
