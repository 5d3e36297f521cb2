"""The bundle: a folder of tables with their description, which opens in pandas, pyam, R, spreadsheets and validators.

Same scenario and seed, same bytes of every table; what differs from run to run stands in run.json. A table that breaks
its schema is not written, and neither is anything else.
"""

import functools
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.configuration.declarations import root_folder
from sim.configuration.parameters import read_sources, read_units
from sim.configuration.problems import Problem, refuse_if
from sim.configuration.table_schema import TableSchema, read_schema
from sim.results.atomic import Folder, Written
from sim.results.canonical import csv_bytes, excel_bytes
from sim.results.datapackage import data_package
from sim.results.iamc import iamc_schema, iamc_table
from sim.results.micro_schema import with_flows
from sim.results.provenance import run_record, version

if TYPE_CHECKING:
    from sim.ensemble import Ensemble

TABLES = (
    "years",
    "quarters",
    "summary",
    "indicators",
    "indicator_years",
    "policy_accounts",
    "cost_effectiveness",
    "winners",
    "displacement",
    "bridge",
    "alignment",
    "marginals",
    "base_dependence",
    "iamc",
    "firms",
    "links",
    "events",
    "by_product_links",
    "variables",
)
EXCEL = "excel"
MOST_EXCEL_ROWS = 1_048_575  # a worksheet less the header


def write_bundle(ensemble: "Ensemble", folder: Path, command: Sequence[str] = ()) -> Path:
    """Write all tables of an ensemble into a folder and return it.

    Args:
        ensemble: the results.
        folder: made if need be. Bundle files of earlier runs are replaced or taken away; other files stay.
        command: what the user typed.

    Raises:
        IntegrityError: a table breaks its schema; the folder is left as it was.
        OSError: the folder cannot be written.
    """
    with Folder(folder) as into:
        files: list[tuple[Written, TableSchema]] = []
        for frame, schema in tables(ensemble):
            files.append((into.write(f"{schema.name}.csv", csv_bytes(frame, schema)), schema))
            if len(frame) <= MOST_EXCEL_ROWS:
                into.write(f"{EXCEL}/{schema.name}.csv", excel_bytes(frame, schema))
        into.write("run.json", json_bytes(run_record(ensemble, command)))
        package = data_package("-".join(["lvjin", *slugs(ensemble.scenarios)]), files, version())
        into.write("datapackage.json", json_bytes(package))
        into.publish(no_longer=[name for table in TABLES for name in (f"{table}.csv", f"{EXCEL}/{table}.csv")])
    return folder


def tables(ensemble: "Ensemble") -> Iterator[tuple[pd.DataFrame, TableSchema]]:
    """The tables of an ensemble with their schemas; those that it does not hold are left out."""
    for name in TABLES:
        if name == "iamc":
            years = sorted({year for part in ensemble.parts for year in part.years})
            if years:
                yield iamc_table(ensemble.summary), iamc_schema(years)
            continue
        found: Any = getattr(ensemble, name)
        frame: pd.DataFrame = found() if callable(found) else found
        if len(frame.columns):
            yield frame, bundle_schema(name)


def bundle_schema(name: str, root: Path | None = None) -> TableSchema:
    """The schema of a table of the bundle, configs/bundle/; raises `ConfigError` with everything that is wrong."""
    return _schema(name, root_folder(root))


@functools.cache
def _schema(name: str, root: Path) -> TableSchema:
    problems: list[Problem] = []
    path = root / "bundle" / f"{name}.schema.yaml"
    schema = read_schema(path, root, read_units(root, problems), dict(read_sources(root, problems)), problems)
    refuse_if(problems)
    assert schema is not None
    return with_flows(schema, root) if name == "firms" else schema


def slugs(names: Sequence[str]) -> list[str]:
    """Names as a data package may hold them: small letters, digits, and - for the rest."""
    return ["".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in name.lower()) for name in names]


def json_bytes(content: dict[str, Any]) -> bytes:
    """JSON that people can read, too."""
    return (json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode()
