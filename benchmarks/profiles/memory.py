"""Bytes by array: of what replicates share, and of one replicate."""

from collections.abc import Iterator
from typing import Any

from benchmarks.measures import scenario_of, size_of
from benchmarks.tables import largest, number, table
from sim.results.partial import BY_YEAR
from sim.run import open_replicate, prepare_run
from sim.world import build_world

FIRMS, QUARTERS = 100_000, 20
MOST = 15  # arrays that are told one by one


def memory() -> Iterator[str]:
    """Largest arrays first, as the two lines of the table count them."""
    scenario = scenario_of(FIRMS, QUARTERS)
    world = build_world(scenario, 0)
    opened = open_replicate(world, prepare_run(scenario, 0))
    record = arrays(opened.record, "record")
    years = {name: size for name, size in record.items() if name.strip("`").partition(".")[2] in BY_YEAR}
    rows, rest = len(world.firms), (size_of(opened.record) - sum(years.values())) / (1 << 20)
    yield f"{FIRMS:,} firms, {rows:,} rows with spare ones, {len(world.links.customer) / rows:.1f} supply links a row."
    yield f"What {QUARTERS} quarters leave of sectors and parks, {rest:.1f} MiB a replicate, does not grow with firms."
    for name, sizes in {"shared by all replicates": arrays(world), "replicate": arrays(opened.state) | years}.items():
        per_row = {array: size / rows for array, size in sizes.items()}
        yield ""
        yield from table(
            [name, "bytes a row"],
            (
                [array, number(size)]
                for array, size in (largest(per_row, MOST) | {"all": sum(per_row.values())}).items()
            ),
        )


def arrays(part: Any, name: str = "") -> dict[str, int]:
    """Bytes of the arrays in nested tuples by their place; of rows, how many columns they have."""
    if isinstance(part, tuple):
        inner = [
            arrays(one, f"{name}.{field}" if name else field) for field, one in zip(part._fields, part, strict=True)
        ]
        return {place: size for one in inner for place, size in one.items()}
    if not hasattr(part, "nbytes"):
        return {}
    columns = getattr(part.dtype, "names", None)
    return {f"`{name}`" + (f", {len(columns)} columns" if columns else ""): int(part.nbytes)}
