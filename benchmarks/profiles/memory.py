"""Bytes by array: of what replicates share, and of one replicate."""

from collections.abc import Iterator
from typing import Any

from benchmarks.measures import scenario_of
from benchmarks.tables import largest, number, table
from sim.run import open_replicate, prepare_run
from sim.world import build_world

FIRMS, QUARTERS = 100_000, 20
MOST = 14  # arrays that are told one by one


def memory() -> Iterator[str]:
    """Largest arrays first."""
    scenario = scenario_of(FIRMS, QUARTERS)
    world = build_world(scenario, 0)
    opened = open_replicate(world, prepare_run(scenario, 0))
    rows = len(world.firms)
    yield f"{FIRMS:,} firms, {rows:,} rows with spare ones, {len(world.links.customer) / rows:.1f} supply links a row."
    parts = {
        "shared by all replicates": world,
        "state of a replicate": opened.state,
        f"record of a replicate, {QUARTERS} quarters": opened.record,
    }
    for name, part in parts.items():
        sizes = {array: size / rows for array, size in arrays(part).items()}
        told = largest(sizes, MOST if name != list(parts)[-1] else 5) | {"all": sum(sizes.values())}
        yield ""
        yield from table([name, "bytes a row"], ([array, number(size)] for array, size in told.items()))


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
