"""The description of a bundle that machines read: every file, column, type, unit and meaning in both languages.

Source: Frictionless Data Package 2.0 (datapackage.org).
"""

from collections.abc import Sequence
from typing import Any

from sim.configuration.table_schema import Column, TableSchema, listed
from sim.results.atomic import Written

PROFILE = "https://datapackage.org/profiles/2.0"
LICENCE = {
    "name": "Apache-2.0",
    "path": "https://www.apache.org/licenses/LICENSE-2.0",
    "title": "Apache License 2.0",
}


def data_package(name: str, files: Sequence[tuple[Written, TableSchema]], version: str) -> dict[str, Any]:
    """The content of datapackage.json."""
    return {
        "$schema": f"{PROFILE}/datapackage.json",
        "name": name,
        "title": "Lvjin 绿津: results of an ensemble / 模拟集合的结果",
        "description": (
            "Results of an agent-based model of the green industry of Jiangjin, Chongqing. run.json says what was run."
            " 重庆江津绿色产业智能体模型的结果，运行信息见 run.json。"
        ),
        "version": version,
        "licenses": [LICENCE],
        "keywords": ["agent-based model", "green industry", "Chongqing", "Jiangjin", "绿色产业", "江津"],
        "resources": [resource(file, schema) for file, schema in files],
    }


def resource(file: Written, schema: TableSchema) -> dict[str, Any]:
    """One table of the bundle."""
    return {
        "$schema": f"{PROFILE}/dataresource.json",
        "name": schema.name,
        "type": "table",
        "path": file.name,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": file.size,
        "hash": f"sha256:{file.sha256}",
        "title": f"{schema.title_en} / {schema.title_zh}",
        "description": f"{schema.description_en} {schema.description_zh}",
        "licenses": [LICENCE],
        "schema": {
            "$schema": f"{PROFILE}/tableschema.json",
            "fields": [field(column) for column in schema.fields],
            "primaryKey": listed(schema.primaryKey),
            "missingValues": schema.missingValues,
        },
    }


def field(column: Column) -> dict[str, Any]:
    """One column."""
    described: dict[str, Any] = {
        "name": column.name,
        "type": column.type,
        "title": f"{column.title_en} / {column.title_zh}",
        "title_zh": column.title_zh,
        "title_en": column.title_en,
        "description": f"{column.title_en}. {column.title_zh}。",
    }
    if column.unit:
        described["unit"] = column.unit
        described["description"] += f" Unit / 单位: {column.unit}"
    if column.constraints.required:
        described["constraints"] = {"required": True}
    return described
