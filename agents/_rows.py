"""How a column is declared once: a class with typed fields becomes the record type of the rows that kernels read.

A kernel takes `trade[i].output`, a rule or a helper takes the row `trade[i]` itself; both are the same memory, and
compiled code sees one array for each kind of row instead of one for each column, which keeps compilation short.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, ClassVar, NewType

import numpy as np

Number = NewType("Number", float)
Whole = NewType("Whole", int)  # fen, sets of options and other exact things
Code = NewType("Code", int)  # small whole numbers
Flag = NewType("Flag", int)
FORMATS = {"Number": "f8", "Whole": "i8", "Code": "i1", "Flag": "?"}

Rows = Any  # a record array: columns are attributes of the whole, fields are attributes of a row; or one such row


class Row:
    """Base of the declarations: a subclass lists the columns of one kind of row, with unit and meaning."""

    dtype: ClassVar[np.dtype[Any]]

    def __init_subclass__(cls) -> None:
        """Make the record type from the typed fields: wide ones first, so that no room lies idle between."""
        fields = [(name, np.dtype(FORMATS[kind.__name__])) for name, kind in cls.__annotations__.items()]
        cls.dtype = np.dtype(sorted(fields, key=lambda field: -field[1].itemsize), align=True)

    @classmethod
    def fields(cls) -> tuple[str, ...]:
        """Names of the columns."""
        return cls.dtype.names or ()

    @classmethod
    def zeros(cls, *shape: int) -> Rows:
        """Return rows of zeros."""
        return np.zeros(shape, cls.dtype).view(np.recarray)


def record_of(numbers: Any) -> Any:
    """Return a NamedTuple of floats as one record: rules read either, and to a kernel it is one pointer."""
    return records_of([numbers])[0]


def records_of(rows: Sequence[Any]) -> Rows:
    """Return NamedTuples of floats, all of one kind, as records."""
    return np.array(rows, np.float64).view(_floats(rows[0]._fields)).reshape(len(rows)).view(np.recarray)


@cache
def _floats(names: tuple[str, ...]) -> np.dtype[Any]:
    return np.dtype([(name, "f8") for name in names])
