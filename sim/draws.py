"""Counter-based random draws: any firm's luck is the same in every scenario, thread count, process and machine.

Philox4x32-10 (Salmon et al. 2011, Parallel random numbers: as easy as 1, 2, 3). The key is the seed; the counter holds,
without any hashing, who draws, for which item, when, for which decision and in which replicate:

    word 0  identity   stable id of a firm, buyer or stream     below 2³²
    word 1  item       option, partner or 0                     below 2³²
    word 2  2³¹·block + 256·quarter + decision                  quarter below 2²³, decision below 256
    word 3  replicate                                           below 2³²

`block` is 0 for `uniform` and 1 for `four_uniforms`, so the two never share a counter. The seed is any int64 ≥ 0.
Distinct arguments within these ranges therefore have distinct (key, counter).
"""

from agents._compiled import formula

LOW_HALF = 0xFFFFFFFF


@formula
def philox(word_0: int, word_1: int, word_2: int, word_3: int, key_0: int, key_1: int) -> tuple[int, int, int, int]:
    """Ten rounds of Philox4x32; all words are 32-bit values in int64, products may wrap but keep their low 64 bits."""
    for _ in range(10):
        first = word_0 * 0xD2511F53
        second = word_2 * 0xCD9E8D57
        word_0 = ((second >> 32) & LOW_HALF) ^ word_1 ^ key_0
        word_2 = ((first >> 32) & LOW_HALF) ^ word_3 ^ key_1
        word_1 = second & LOW_HALF
        word_3 = first & LOW_HALF
        key_0 = (key_0 + 0x9E3779B9) & LOW_HALF
        key_1 = (key_1 + 0xBB67AE85) & LOW_HALF
    return word_0, word_1, word_2, word_3


@formula
def words(seed: int, identity: int, item: int, moment: int, replicate: int) -> tuple[int, int, int, int]:
    """Four random 32-bit words of one counter; `moment` is word 2."""
    seed = int(seed)
    return philox(
        int(identity) & LOW_HALF,
        int(item) & LOW_HALF,
        int(moment) & LOW_HALF,
        int(replicate) & LOW_HALF,
        seed & LOW_HALF,
        (seed >> 32) & LOW_HALF,
    )


@formula
def uniform(seed: int, identity: int, item: int, quarter: int, decision: int, replicate: int) -> float:
    """One number in the open interval (0, 1) on the grid of 2⁻⁵³, its zero moved to 2⁻⁵⁴."""
    first, second, _, _ = words(seed, identity, item, quarter * 256 + decision, replicate)
    grid_point = (first << 21) | (second >> 11)
    if grid_point == 0:
        return 5.551115123125783e-17
    return float(grid_point) * 1.1102230246251565e-16


@formula
def four_uniforms(
    seed: int, identity: int, item_block: int, quarter: int, decision: int, replicate: int
) -> tuple[float, float, float, float]:
    """Four numbers in the open interval (0, 1), each the middle of one of 2³² equal cells; item k is number k % 4 of
    block k // 4.
    """
    moment = 0x80000000 + quarter * 256 + decision
    first, second, third, fourth = words(seed, identity, item_block, moment, replicate)
    return (
        (float(first) + 0.5) * 2.3283064365386963e-10,
        (float(second) + 0.5) * 2.3283064365386963e-10,
        (float(third) + 0.5) * 2.3283064365386963e-10,
        (float(fourth) + 0.5) * 2.3283064365386963e-10,
    )
