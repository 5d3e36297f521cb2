"""The columns of the bundle's tables, written into docs/bundle.md from their schemas.

To write it anew: `python -m experiments.bundle_page`.
"""

from collections.abc import Iterator
from pathlib import Path

from experiments.marked import replaced
from sim.configuration.table_schema import Column, TableSchema
from sim.results.bundle import TABLES, bundle_schema
from sim.results.iamc import iamc_schema

PAGE = Path(__file__).resolve().parent.parent / "docs" / "bundle.md"
BEGIN, END = "<!-- tables: begin, written by `python -m experiments.bundle_page` -->", "<!-- tables: end -->"
YEARS = (2021, 2025)  # an example for the wide table, which has a column for each year


def page(text: str) -> str:
    """The page with its tables as the schemas have them."""
    return replaced(text, "\n".join(tables()), BEGIN, END)


def tables() -> Iterator[str]:
    """Every table as Markdown."""
    for name in TABLES:
        schema = iamc_schema(list(YEARS)) if name == "iamc" else bundle_schema(name)
        yield from table(schema)


def table(schema: TableSchema) -> Iterator[str]:
    """One table: what it is, its key, its columns."""
    keys = [schema.primaryKey] if isinstance(schema.primaryKey, str) else schema.primaryKey
    yield f"### {schema.name}.csv {schema.title_zh}\n"
    yield f"{schema.description_zh}\n"
    yield f"{schema.description_en}\n"
    if keys:
        yield f"Key: {', '.join(f'`{key}`' for key in keys)}\n"
    yield "| column | type | unit | 说明 | meaning |"
    yield "| --- | --- | --- | --- | --- |"
    yield from map(row, schema.fields)
    yield ""


def row(column: Column) -> str:
    """One column."""
    cells = (f"`{column.name}`", column.type, column.unit, column.title_zh, column.title_en)
    escaped = [cell.replace("|", "\\|") for cell in cells]
    return f"| {' | '.join(escaped)} |"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
