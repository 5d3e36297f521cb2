"""Sets of options as the bits of whole numbers, walked from the first option on without looking at those in between.

rest = options
while rest != 0:
option = first_option(rest)
rest = without_first(rest)
"""

from agents._compiled import part
from agents._rows import Rows
from agents.codes import N_OPTIONS
from agents.firm import Whole
from agents.mathematics import bit_cast
from agents.retrofit import with_option


@part
def first_option(options: int) -> int:
    """The first option of a set that is not empty: the exponent of its lowest bit as a float."""
    return (bit_cast(float(options & -options)) >> 52) - 1023


@part
def without_first(options: int) -> int:
    """The set without its first option."""
    return options & (options - 1)


@part
def add_options(options: int, amount: int, counted: Whole) -> None:
    """Add an amount to the count of each option of a set."""
    rest = options
    while rest != 0:
        counted[first_option(rest)] += amount
        rest = without_first(rest)


@part
def product_lines(offers: Rows) -> int:
    """The set of options that come with a conversion: nobody notices or chooses them as a retrofit."""
    lines = 0
    for option in range(N_OPTIONS):
        if offers[option].product_line:
            lines = with_option(lines, option)
    return lines
