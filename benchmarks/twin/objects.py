"""Arrays of the compiled model as plain Python objects, and back: what is compared, and what the twin starts from.

One object for each row of a record array, with a field for each column; lists for plain arrays. Numbers become Python's
own, which are the same values and faster to compute with one by one.
"""

from functools import cache
from typing import Any

import numpy as np


class Row:
    """One row: its fields are attributes."""

    __slots__ = ()


class Table(list[Any]):
    """Nested lists that can be read and written like the array they stand for, as far as rules and phases do."""

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(self)

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes."""
        inner = self[0].shape if self and isinstance(self[0], Table) else ()
        return (len(self), *inner)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            return Table(super().__getitem__(key))  # a copy: phases only read parts of a table
        if not isinstance(key, tuple):
            return super().__getitem__(key)
        found: Any = self
        for place in key:
            found = found[place]
        return found

    def __setitem__(self, key: Any, value: Any) -> None:
        first, *rest = key if isinstance(key, tuple) else (key,)
        if isinstance(first, slice):
            for place in range(len(self)):
                self[(place, *rest)] = value
        elif rest:
            self[first][tuple(rest)] = value
        else:
            super().__setitem__(first, value)


@cache
def kind(fields: tuple[str, ...]) -> type[Row]:
    """The class of rows with these fields."""
    return type("Row", (Row,), {"__slots__": fields})


def objects(value: Any) -> Any:
    """Records as rows, arrays as tables, tuples of them likewise, and numpy's numbers as Python's."""
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(objects, value))
    if isinstance(value, np.void):
        return row(value.dtype.names, value.tolist())
    if isinstance(value, np.ndarray):
        return table(value)
    return value.item() if isinstance(value, np.generic) else value


def table(array: np.ndarray) -> Table:
    """An array as a table; of records, as a table of rows."""
    if array.ndim > 1:
        return Table(map(table, array))
    if array.dtype.names is None:
        return Table(array.tolist())
    return Table(row(array.dtype.names, values) for values in array.tolist())


def row(fields: tuple[str, ...], values: tuple[Any, ...]) -> Row:
    """A row of these values."""
    made = kind(fields)()
    for name, value in zip(fields, values, strict=True):
        setattr(made, name, value)
    return made


def array_like(rows: Any, array: np.ndarray) -> np.ndarray:
    """A table as an array of the kind that it was made from."""
    if array.dtype.names is None:
        return np.array(rows, array.dtype)
    if array.ndim > 1:
        return np.array([array_like(one, like) for one, like in zip(rows, array, strict=True)], array.dtype)
    return np.array([tuple(getattr(one, name) for name in array.dtype.names) for one in rows], array.dtype)


def differences(twin: Any, core: Any, name: str = "") -> list[str]:
    """Names of the columns in which tables and arrays differ in any bit; tuples are walked through."""
    if isinstance(core, tuple) and hasattr(core, "_fields"):
        found = []
        for field in core._fields:
            found += differences(getattr(twin, field), getattr(core, field), f"{name}.{field}".lstrip("."))
        return found
    mine = array_like(twin, core)
    if core.dtype.names is None:
        return [] if mine.tobytes() == np.ascontiguousarray(core).tobytes() else [name]
    return [f"{name}.{field}" for field in core.dtype.names if mine[field].tobytes() != core[field].tobytes()]
