"""Mathematics and draws of the core for whole arrays of numpy: the same operations, so the same bits."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = Any  # a number or an array of them
LOW_HALF = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)


def exp(x: Array) -> NDArray[np.float64]:
    """Exponential of numbers."""
    bounded = np.minimum(np.maximum(x, -746.0), 710.0)
    shifted = bounded * 1.4426950408889634 + 6755399441055744.0
    k = shifted - 6755399441055744.0
    high = bounded - k * 0.6931471803691238
    low = k * 1.9082149292705877e-10
    r = high - low
    p = 2.7630306208172274e-07 + r * 2.5000013913453016e-08
    p = 2.480149294975501e-05 + r * (2.7557586818266117e-06 + r * p)
    p = 0.0013888888943759845 + r * (0.0001984126950575929 + r * p)
    p = 0.041666666666529725 + r * (0.008333333333494983 + r * p)
    p = 0.5000000000000011 + r * (0.1666666666666641 + r * p)
    mantissa = 1.0 + (high - (low - r * r * p))
    whole = shifted.view(np.int64) - 0x4338000000000000
    half = whole >> 1
    return mantissa * ((half + 1023) << 52).view(np.float64) * ((whole - half + 1023) << 52).view(np.float64)


def log(x: Array) -> NDArray[np.float64]:
    """Natural logarithm of positive, finite, normal numbers."""
    bits = np.asarray(x, np.float64).view(np.int64) + (0x3FF0000000000000 - 0x3FE6A09E667F3BCD)
    k = ((bits >> 52) - 1023).astype(np.float64)
    f = ((bits & 0x000FFFFFFFFFFFFF) + 0x3FE6A09E667F3BCD).view(np.float64) - 1.0
    s = f / (2.0 + f)
    z = s * s
    p = 0.1818357216161805 + z * (0.15313837699209373 + z * 0.14798198605116586)
    p = 0.2857142874366239 + z * (0.22222198432149784 + z * p)
    p = z * (0.6666666666666735 + z * (0.3999999999940942 + z * p))
    half_square = 0.5 * f * f
    return k * 0.6931471803691238 - ((half_square - (s * (half_square + p) + k * 1.9082149292705877e-10)) - f)


def logistic(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The probability with log odds x."""
    tail = exp(-np.abs(x))
    return np.where(x >= 0.0, 1.0, tail) / (1.0 + tail)


def uniform(seed: int, identity: Array, item: Array, quarter: int, decision: int, replicate: int) -> Array:
    """Numbers in (0, 1), keyed as in sim/draws.py: Philox4x32-10, one counter each."""
    word_0 = np.asarray(identity).astype(np.uint64)
    word_1 = np.asarray(item).astype(np.uint64)
    word_2: Array = np.uint64(quarter * 256 + decision)
    word_3: Array = np.uint64(replicate)
    key_0, key_1 = seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF
    for _ in range(10):
        first = word_0 * np.uint64(0xD2511F53)
        second = word_2 * np.uint64(0xCD9E8D57)
        word_0 = (second >> HALF) ^ word_1 ^ np.uint64(key_0)
        word_2 = (first >> HALF) ^ word_3 ^ np.uint64(key_1)
        word_1 = second & LOW_HALF
        word_3 = first & LOW_HALF
        key_0, key_1 = (key_0 + 0x9E3779B9) & 0xFFFFFFFF, (key_1 + 0xBB67AE85) & 0xFFFFFFFF
    grid_point = (word_0 << np.uint64(21)) | (word_1 >> np.uint64(11))
    return np.where(grid_point == 0, 5.551115123125783e-17, grid_point * 1.1102230246251565e-16)
