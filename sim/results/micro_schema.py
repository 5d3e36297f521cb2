"""The exact columns of firms.csv: a column for each term of the ledger and each quantity, in whole units.

Their words stand in configs/tables/ledger_terms.csv and quantities.csv, so that a new term or quantity is told by one
row there.
"""

from pathlib import Path

from sim.configuration.table_schema import Column, Constraints, TableSchema
from sim.configuration.tables import load_table

REQUIRED = Constraints(required=True)


def with_flows(schema: TableSchema, root: Path) -> TableSchema:
    """The schema of firms.csv with its exact columns."""
    terms = [
        _column(f"ledger_{row.term}", "fen", f"台账：{row.name_zh}", f"Ledger: {row.name_en}; money in is positive")
        for row in load_table("ledger_terms", root).itertuples()
    ]
    quantities = [
        _column(f"flow_{row.quantity}", str(row.unit), f"全年：{row.name_zh}", f"{row.name_en}, whole year")
        for row in load_table("quantities", root).itertuples()
    ]
    return schema.model_copy(update={"fields": [*schema.fields, *terms, *quantities]})


def _column(name: str, unit: str, zh: str, en: str) -> Column:
    return Column(name=name, type="integer", unit=unit, title_zh=zh, title_en=en, constraints=REQUIRED)
