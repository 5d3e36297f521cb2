"""How a column is declared once: a class with typed fields becomes the record type of the rows that kernels read.

A kernel takes `trade[i].output`, a rule or a helper takes the row `trade[i]` itself; both are the same memory, and
compiled code sees one array for each kind of row instead of one for each column, which keeps compilation short.
"""

from typing import Any, Generic, NewType, TypeVar

import numpy as np

Number = NewType("Number", float)
Whole = NewType("Whole", int)  # fen, sets of options and other exact things
Code = NewType("Code", int)  # small whole numbers
Flag = NewType("Flag", int)
FORMATS = {"Number": "f8", "Whole": "i8", "Code": "i1", "Flag": "?"}

Row = TypeVar("Row")


class RowType(Generic[Row]):
    """A record type and the class that declares it."""

    def __init__(self, declaration: type[Row]) -> None:
        self.__doc__ = declaration.__doc__
        self.name = declaration.__name__
        fields = declaration.__annotations__
        self.dtype = np.dtype([(name, FORMATS[kind.__name__]) for name, kind in fields.items()], align=True)

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return self.dtype.names or ()

    def zeros(self, *shape: int) -> Any:
        """Return rows of zeros; columns are attributes of the whole, fields are attributes of a row."""
        return np.zeros(shape, self.dtype).view(np.recarray)


def record_of(numbers: Any) -> Any:
    """Return a NamedTuple of floats as one record: rules read either, and to a kernel it is one pointer."""
    kind = np.dtype([(name, "f8") for name in numbers._fields])
    return np.array([tuple(numbers)], kind).view(np.recarray)[0]


def row_type(declaration: type[Row]) -> RowType[Row]:
    """Make the record type that a class of typed fields declares."""
    return RowType(declaration)
