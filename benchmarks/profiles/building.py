"""The time of a population by stage of its making."""

from collections.abc import Iterator
from statistics import median

from benchmarks.measures import UNSEEN_SEED, scenario_of
from benchmarks.profiles.watch import watching
from benchmarks.tables import milliseconds, table
from sim.world import build_world

SIZES = {5_000: 5, 100_000: 3}  # firms, rounds
REST = "all else"
STAGES = {
    "firms: who they are, sizes, places": (
        "sim.population.builder.row_plan",
        "sim.population.builder.identities",
        "sim.population.builder.add_sizes",
        "sim.population.builder.add_places",
    ),
    "firms: energy, emissions, waste, value added": (
        "sim.population.builder.calibrated",
        "sim.population.builder.add_intensities",
    ),
    "firms: products, costs, habits": (
        "sim.population.builder.draw_luck",
        "sim.population.builder.add_products",
        "sim.population.builder.add_cost_shares",
        "sim.population.builder.add_habits",
        "sim.population.builder.solar_panels",
    ),
    "links: odds of suppliers": (
        "sim.population.supply.traits_of",
        "sim.population.supply.weigh_firms",
        "sim.population.supply.measure_chances",
        "sim.population.supply.count_suppliers",
    ),
    "links: suppliers": ("sim.population.supply.choose_suppliers",),
    "links: in the order of both sides, within what suppliers make": (
        "sim.population.supply.arrange_links",
        "sim.population.supply.limit_orders",
    ),
    "links: substitutes": (
        "sim.population.supply.choose_substitutes",
        "sim.population.supply.arrange_substitutes",
    ),
    "one record for each row": ("sim.world.firm_rows",),
    "options that fit, leaders, laggards, means of sectors": (
        "sim.world.draw_fit",
        "sim.world.fit_lines",
        "sim.world.chain_ranks",
        "sim.world.write_laggards",
        "sim.world._base_means",
        "sim.world._spare_ratio",
    ),
    "by-products: pairs that could meet": ("sim.population.candidates._pairs",),
    "by-products: amounts, streams of firms that meet nobody": ("sim.world.build_candidates",),
}


def building() -> Iterator[str]:
    """Stages in their order, by number of firms."""
    yield "Processor time of one thread, medians of populations that differ by their seed."
    yield ""
    columns = {firms: stages(firms, rounds) for firms, rounds in SIZES.items()}
    heads = [f"{firms:,} firms, {unit}" for firms in SIZES for unit in ("ms", "share")]
    yield from table(["stage", *heads], ([name, *cells(columns, name)] for name in (*STAGES, REST, "all")))


def stages(firms: int, rounds: int) -> dict[str, float]:
    """Seconds by stage, and of all together."""
    build_world(scenario_of(600, 1), 0)  # machine code is loaded
    found: dict[str, list[float]] = {}
    for seed in range(2 * UNSEEN_SEED, 2 * UNSEEN_SEED + rounds):  # populations that are not in memory
        scenario = scenario_of(firms, 1, seed)
        with watching(STAGES) as watch, watch.stage(REST):
            build_world(scenario, 0)
        told = watch.told()
        for name, seconds in (told | {"all": sum(told.values())}).items():
            found.setdefault(name, []).append(seconds)
    return {name: median(values) for name, values in found.items()}


def cells(columns: dict[int, dict[str, float]], name: str) -> Iterator[str]:
    """Time and share of a stage, by number of firms."""
    for column in columns.values():
        yield milliseconds(column[name])
        yield f"{column[name] / column['all']:.0%}"
