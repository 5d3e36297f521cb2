"""The choice of retrofits in C: choice.c compiled by the C compiler of this machine, on the columns of the core.

Records of numpy are laid out as C lays out structs, so the header is written from the declarations of the columns.
"""

import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents import codes, government
from agents.network import N_PLACES, WHOLE_LINK
from agents.retrofit import N_SLOTS
from sim.setting import Moment, Setting, World
from sim.state import State

SOURCE = Path(__file__).with_name("choice.c")
FLAGS = ("-std=c11", "-O3", "-march=native", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-shared")
C_NAMES = {"f8": "double", "i8": "int64_t", "i4": "int32_t", "i2": "int16_t", "i1": "int8_t", "b1": "bool"}
CODES = ("N_OPTIONS", "N_SECTORS", "ORDERED", "ACCEPTANCE", "FIRE", "NONE", "UNAWARE", "INELIGIBLE", "CUTOFF")
CODES += ("WAITING_WINDOW", "N_TERMS", "INTEREST", "PENALTY", "BY_PRODUCT_TRADE", "BY_PRODUCT_BALANCE")

LINK_COLUMNS = ("supplier_start", "customer_start", "substitute_start", "customer", "supplier", "link")
LINK_COLUMNS += ("substitute", "place", "instead")


def compiler() -> str | None:
    """The C compiler, where one is found."""
    return next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)


def choose_retrofits(world: World, setting: Setting, moment: Moment, state: State) -> Callable[[], None]:
    """Return the phase on these arguments, ready to be called again and again."""
    numbers, columns = arguments(world, setting, moment, state)
    fields = [*((name, ctypes.c_int64) for name in numbers), *((name, ctypes.c_void_p) for name in columns)]
    kind = type("District", (ctypes.Structure,), {"_fields_": fields})
    district = kind(*numbers.values(), *(column.ctypes.data for _, column in columns.values()))
    function = library(header(numbers, columns)).choose_retrofits
    function.argtypes, function.restype = [ctypes.c_void_p], None
    kept = [column for _, column in columns.values()]  # the struct holds addresses alone

    def call() -> None:
        function(ctypes.addressof(district))
        assert kept

    return call


def arguments(
    world: World, setting: Setting, moment: Moment, state: State
) -> tuple[dict[str, int], dict[str, tuple[str, NDArray[Any]]]]:
    """Whole numbers, and columns with the C name of what they hold, in the order of the struct."""
    numbers = {
        "n_firms": len(world.firms),
        "seed": moment.seed,
        "replicate": moment.replicate,
        "quarter": moment.quarter,
    }
    records = {
        "firms": ("Firm", world.firms),
        "sectors": ("SectorTraits", world.sectors),
        "options": ("Offer", setting.options),
        "fits": ("Fit", setting.fits),
        "behaviour": ("Behaviour", setting.behaviour),
        "factors": ("Factors", setting.factors),
        "mechanisms": ("Mechanisms", setting.mechanisms),
        "prices": ("Prices", moment.prices),
        "policy": ("Policy", moment.policy),
        "trade": ("Trade", state.trade),
        "plant": ("Plant", state.plant),
        "agenda": ("Agenda", state.agenda),
        "projects": ("Projects", state.projects),
        "proposals": ("Proposals", state.proposals),
        "standing": ("Standing", state.standing),
        "costs": ("Costs", state.costs),
        "peers": ("Peer", state.peers),
    }
    links, counts = world.links, state.counts
    plain = {name: getattr(links, name) for name in LINK_COLUMNS}
    plain |= {"kept": state.supply.kept, "moved": state.supply.moved}
    plain |= {"ledger": state.till.ledger, "in_sector": counts.sector, "fit_sector": counts.sector_fitting}
    plain |= {"in_park": counts.park, "fit_park": counts.park_fitting}
    columns = {name: (kind, np.asarray(column)) for name, (kind, column) in records.items()}
    columns |= {name: (c_name(column.dtype), column) for name, column in plain.items()}
    assert all(column.flags.c_contiguous for _, column in columns.values())
    return numbers, columns


def c_name(kind: np.dtype[Any]) -> str:
    """C's name of a number."""
    return C_NAMES[kind.str[1:]]


def header(numbers: dict[str, int], columns: dict[str, tuple[str, NDArray[Any]]]) -> str:
    """Declarations of the records, of the struct that holds all, and of the codes."""
    return "\n".join(lines(numbers, columns)) + "\n"


def lines(numbers: dict[str, int], columns: dict[str, tuple[str, NDArray[Any]]]) -> Iterator[str]:
    """The lines of the header."""
    for name, value in constants().items():
        yield f"#define {name} {value}"
    for kind, column in columns.values():
        if column.dtype.names:
            yield "typedef struct {"
            yield from (f"    {c_name(column.dtype[name])} {name};" for name in column.dtype.names)
            yield f"}} {kind};"
            yield f'_Static_assert(sizeof({kind}) == {column.dtype.itemsize}, "{kind} is laid out otherwise");'
    yield "typedef struct {"
    yield from (f"    int64_t {name};" for name in numbers)
    for name, (kind, column) in columns.items():
        yield f"    {'' if column.flags.writeable else 'const '}{kind} *{name};"
    yield "} District;"


def constants() -> dict[str, int | float]:
    """Codes and sizes that the source uses."""
    programmes = {"RETROFIT": government.RETROFIT, "DIGITAL": government.DIGITAL, "PV": government.PV}
    sizes = {"N_SLOTS": N_SLOTS, "N_PLACES": N_PLACES, "WHOLE_LINK": WHOLE_LINK, "FEN": codes.FEN}
    return {name: getattr(codes, name) for name in CODES} | programmes | sizes


@cache
def library(text: str) -> Any:
    """The compiled source with this header."""
    found = compiler()
    assert found is not None
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "rows.h").write_text(text, encoding="utf-8")
        made = Path(folder) / "choice.so"
        words = [found, *FLAGS, "-fPIC", "-I", folder, str(SOURCE), "-o", str(made)]
        subprocess.run(words, check=True, capture_output=True)
        return ctypes.CDLL(str(made))
