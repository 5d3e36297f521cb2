"""Tables as bytes: equal results are equal bytes, and nothing that is no number is ever written.

UTF-8 without byte order mark, LF, comma, rows sorted by key, numbers in their shortest form that reads back to the
same bits, `true` and `false`, an empty cell where something does not apply. Read back with `pandas.read_csv(path)`.
"""

import csv
import io
import math
import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from sim.configuration.table_schema import Column, TableSchema, listed
from sim.results.integrity import IntegrityError

BYTE_ORDER_MARK = "\ufeff".encode()
RISKY = tuple("=+-@\t\r\n＝＋－＠")  # first characters that make a spreadsheet take a text for a formula
GUARD = "'"
BROKEN_LINES = re.compile(r"[\r\n\0]")  # which versions of Python quote differently


def csv_bytes(frame: pd.DataFrame, schema: TableSchema) -> bytes:
    """A table in canonical form.

    Args:
        frame: its columns are those of the schema, in any order.
        schema: types, required cells and key.

    Raises:
        IntegrityError: a column too many or too few, a cell that is no number or missing, or a key that comes twice.
    """
    columns = checked_columns(frame, schema)
    return written(schema.names, columns)


def excel_bytes(frame: pd.DataFrame, schema: TableSchema) -> bytes:
    """The same table for spreadsheets: with byte order mark, texts that look like formulas guarded by `'`."""
    columns = checked_columns(frame, schema)
    texts = {column.name for column in schema.fields if column.type == "string"}
    safe = [
        [neutral(cell) for cell in column] if name in texts else column
        for name, column in zip(schema.names, columns, strict=True)
    ]
    return BYTE_ORDER_MARK + written(schema.names, safe)


def written(header: Iterable[str], columns: list[list[Any]]) -> bytes:
    """Header and columns of cells as CSV."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(zip(*columns, strict=True))
    return text.getvalue().encode()


def neutral(cell: str) -> str:
    """A text that no spreadsheet takes for a formula; drop the leading `'` to have it back."""
    return GUARD + cell if cell.startswith((*RISKY, GUARD)) else cell


def checked_columns(frame: pd.DataFrame, schema: TableSchema) -> list[list[Any]]:
    """The cells of each column in the order of the schema, rows sorted by key."""
    if set(frame.columns) != set(schema.names):
        raise IntegrityError(
            f"{schema.name}: found the columns {', '.join(map(str, frame.columns))}; wanted {', '.join(schema.names)}"
        )
    ordered = frame.iloc[key_order(frame, schema)]
    return [cells(ordered[column.name], column, schema.name) for column in schema.fields]


def key_order(frame: pd.DataFrame, schema: TableSchema) -> np.ndarray:
    """Places of the rows in the order of the key; texts by code point."""
    keys = [_ranks(frame[name]) for name in listed(schema.primaryKey)]
    if not keys or not len(frame):
        return np.arange(len(frame))
    order = np.lexsort(keys[::-1])
    same = np.ones(len(frame) - 1, bool)
    for key in keys:
        same &= key[order][1:] == key[order][:-1]
    if same.any():
        row = frame.iloc[order[int(np.argmax(same))]]
        shown = ", ".join(str(row[name]) for name in listed(schema.primaryKey))
        raise IntegrityError(f"{schema.name}: the key {shown} comes twice")
    return order


def _ranks(column: "pd.Series[Any]") -> np.ndarray:
    """Numbers that sort as the column does."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        words = [str(word) for word in column.cat.categories]
        rank = {word: place for place, word in enumerate(sorted(words))}
        return np.array([rank[word] for word in words], np.int64)[column.cat.codes.to_numpy()]
    if column.dtype.kind in "iub":
        return column.to_numpy()
    words = column.astype(str).tolist()
    rank = {word: place for place, word in enumerate(sorted(set(words)))}
    return np.array([rank[word] for word in words], np.int64)


def cells(column: "pd.Series[Any]", declared: Column, table: str) -> list[Any]:
    """The cells of one column as they are written; floats are left to the writer, which uses their shortest form."""
    if declared.type == "number":
        return _numbers(column, declared, table)
    if isinstance(column.dtype, pd.CategoricalDtype):
        words = np.array([str(word) for word in column.cat.categories], dtype=object)
        found = words[column.cat.codes.to_numpy()].tolist() if len(words) else []
    else:
        found = column.tolist()
    if declared.type == "boolean":
        found = ["true" if cell else "false" for cell in found]
    elif declared.type == "string":
        found = [str(cell) for cell in found]
    if declared.constraints.required and not all(cell != "" for cell in found):
        raise IntegrityError(f"{table}: an empty cell in the column {declared.name}")
    if declared.type == "string" and any(BROKEN_LINES.search(text) for text in set(found)):
        raise IntegrityError(f"{table}: a text of several lines in the column {declared.name}")
    return found


def _numbers(column: "pd.Series[Any]", declared: Column, table: str) -> list[Any]:
    values = column.to_numpy(np.float64) + 0.0  # turns -0.0 into 0.0
    missing = np.isnan(values)
    if np.isinf(values).any() or (declared.constraints.required and missing.any()):
        raise IntegrityError(f"{table}: a cell in the column {declared.name} is no number")
    if not missing.any():
        return values.tolist()
    return ["" if math.isnan(value) else value for value in values.tolist()]
