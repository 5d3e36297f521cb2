"""Random draws: the published Philox, one counter for each draw, numbers strictly between zero and one."""

import hashlib
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from agents import codes
from agents._compiled import kernel
from sim import draws

pytestmark = pytest.mark.kernels

ONES = 0xFFFFFFFF
words = st.integers(0, ONES)
moments = st.tuples(st.integers(0, 2**23 - 1), st.integers(0, 255))
counters = st.tuples(st.integers(0, 2**63 - 1), words, words, moments, words, st.booleans())


@pytest.mark.parametrize(
    ("counter", "key", "wanted"),  # the known answers that Salmon et al. publish with Random123
    [
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((ONES, ONES, ONES, ONES), (ONES, ONES), (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_gives_the_published_words(counter, key, wanted):
    assert draws.philox(*counter, *key) == wanted


def wide_philox(counter, key):
    """Philox again, with Python's unbounded integers and the round as the paper writes it."""
    left_0, right_0, left_1, right_1 = counter
    for step in range(10):
        high_0, low_0 = divmod(left_0 * 0xD2511F53, 2**32)
        high_1, low_1 = divmod(left_1 * 0xCD9E8D57, 2**32)
        round_key = [(key[0] + step * 0x9E3779B9) % 2**32, (key[1] + step * 0xBB67AE85) % 2**32]
        left_0, right_0 = high_1 ^ right_0 ^ round_key[0], low_1
        left_1, right_1 = high_0 ^ right_1 ^ round_key[1], low_0
    return left_0, right_0, left_1, right_1


@given(st.tuples(words, words, words, words), st.tuples(words, words))
def test_philox_agrees_with_unbounded_integers(counter, key):
    assert draws.philox(*counter, *key) == wide_philox(counter, key)


def packed(draw):
    """Return counter and key as the module's docstring packs them."""
    seed, identity, item, (quarter, decision), replicate, block = draw
    counter = (identity, item, block * 2**31 + quarter * 256 + decision, replicate)
    return counter, (seed % 2**32, seed // 2**32)


@given(counters)
def test_every_draw_reads_the_counter_it_says(draw):
    counter, key = packed(draw)
    first, second, third, fourth = wide_philox(counter, key)
    seed, identity, item, (quarter, decision), replicate, block = draw
    if block:
        got = draws.four_uniforms(seed, identity, item, quarter, decision, replicate)
        assert got == tuple((word + 0.5) / 2**32 for word in (first, second, third, fourth))
    else:
        wanted = (first * 2**21 + second // 2**11) / 2**53
        assert draws.uniform(seed, identity, item, quarter, decision, replicate) == (wanted or 2.0**-54)


@given(counters, counters)
def test_two_draws_never_share_a_counter(one, other):
    assert (packed(one) == packed(other)) == (one == other)
    counter, key = packed(one)
    assert all(0 <= word <= ONES for word in (*counter, *key))


def test_the_packing_can_be_undone():
    """Injective by construction: every argument is read back from counter and key."""
    seed, identity, item, quarter, decision, replicate, block = (
        2**63 - 5,
        ONES,
        ONES - 1,
        2**23 - 1,
        255,
        ONES - 2,
        True,
    )
    counter, key = packed((seed, identity, item, (quarter, decision), replicate, block))
    moment = counter[2]
    assert (key[1] * 2**32 + key[0], counter[0], counter[1], counter[3]) == (seed, identity, item, replicate)
    assert (moment // 2**31, moment % 2**31 // 256, moment % 256) == (block, quarter, decision)


@kernel
def fill(seed, replicate, values):
    for i in range(len(values)):
        values[i] = draws.uniform(seed, i, 3, 5, 7, replicate)


@kernel
def fill_by_four(seed, values):
    for block in range(len(values) // 4):
        four = draws.four_uniforms(seed, 11, block, 5, 7, 0)
        for k in range(4):
            values[4 * block + k] = four[k]


def digest(values) -> str:
    return hashlib.sha256(b"".join(struct.pack("<d", value) for value in values)).hexdigest()[:16]


def test_a_loop_draws_the_same_bits_compiled_and_interpreted():
    """One frozen hash for every processor, Python and pass of the suite."""
    values = np.zeros(800)
    fill(20201231, 4, values[:400])
    fill_by_four(20201231, values[400:])
    assert digest(values) == "45bcdebe63497e59"
    assert values[17] == draws.uniform(20201231, 17, 3, 5, 7, 4)


@pytest.mark.parametrize("replicate", [0, 1])
def test_draws_are_uniform_and_without_memory(replicate):
    values = np.zeros(4000)
    fill(1, replicate, values)
    assert 0.0 < values.min() < values.max() < 1.0
    assert stats.kstest(values, "uniform").pvalue > 0.001
    assert abs(np.corrcoef(values[1:], values[:-1])[0, 1]) < 0.06


def test_blocks_are_uniform():
    values = np.zeros(4000)
    fill_by_four(1, values)
    assert stats.kstest(values, "uniform").pvalue > 0.001


def test_seeds_and_replicates_are_unrelated():
    values = np.zeros((3, 2000))
    fill(1, 0, values[0])
    fill(2, 0, values[1])
    fill(1, 1, values[2])
    related = np.corrcoef(values) - np.eye(3)
    assert np.abs(related).max() < 0.08


def test_array_elements_are_welcome():
    """Interpreted kernels pass numpy integers; they must neither overflow nor warn."""
    identity = np.array([3], np.int64)[0]
    assert draws.uniform(np.int64(2**62), identity, 0, np.int64(7), 1, 0) == draws.uniform(2**62, 3, 0, 7, 1, 0)


def test_decision_ids_are_bytes_and_used_once():
    names = [name for name in vars(codes) if name.isupper()]
    ids = [getattr(codes, name) for name in names[: names.index("NONE")]]  # the reasons begin there
    assert "WINDOW" in names[: len(ids)]
    assert len(set(ids)) == len(ids)
    assert all(0 < value < 256 for value in ids)


def test_the_zero_of_the_grid_is_moved_between_its_neighbours(monkeypatch):
    """No known counter gives it, so the words are given."""
    arguments = (1, 2, 3, 4, 5, 6)
    for second, wanted in ((0, 2.0**-54), (0x7FF, 2.0**-54), (0x800, 2.0**-53)):
        monkeypatch.setattr(draws, "words", lambda *_, second=second: (0, second, ONES, ONES))
        assert getattr(draws.uniform, "py_func", draws.uniform)(*arguments) == wanted
