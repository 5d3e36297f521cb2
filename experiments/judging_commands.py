"""The commands of `lvjin` that judge the model; each imports what does its work when it is run."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from experiments.options import (
    Debug,
    Firms,
    ParameterSource,
    Populations,
    Quiet,
    Seed,
    Threads,
    Until,
    Verbose,
)


def freeze(
    context: typer.Context,
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="情景 Scenario that is forecast.")] = "plan",
    firms: Firms = 5000,
    until: Until = "2025Q4",
    replicates: Annotated[int, typer.Option(help="重复次数 Replicates in all.", min=2)] = 200,
    populations: Populations = 10,
    parameters: ParameterSource = "posterior",
    out: Annotated[
        Path | None, typer.Option(help="结果目录 Folder; results/forecasts/<today> by default. None is replaced.")
    ] = None,
    workers: Threads = None,
    seed: Seed = 1,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """冻结：带日期与摘要的预测，连同朴素对手，待日后评分。Freeze a dated, hashed forecast and its naive rivals."""
    from experiments import commands_freeze
    from experiments.commands_run import Order

    raise typer.Exit(commands_freeze.freeze(Order.of(context, scenarios=(scenario,))))


def score(
    context: typer.Context,
    facts: Annotated[Path, typer.Argument(metavar="FACTS.csv", help="variable,year,value,unit,source")],
    forecast: Annotated[
        Path | None, typer.Option(help="冻结的预测 Frozen forecast; the newest of docs/forecasts/ by default.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="结果目录 Folder; results/scores-… by default.")] = None,
    seed: Seed = 1,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """评分：以事实评判冻结的预测及其对手。Score a frozen forecast and its rivals against facts."""
    from experiments.commands_score import score_facts

    raise typer.Exit(score_facts(facts, forecast, out, seed, quiet, ("lvjin", *(context.obj or ()))))


def patterns(
    context: typer.Context,
    firms: Firms = 5000,
    replicates: Annotated[int, typer.Option(help="重复次数 Replicates.", min=1)] = 5,
    populations: Populations = 2,
    parameters: ParameterSource = "posterior",
    out: Annotated[Path | None, typer.Option(help="结果目录 Folder; results/patterns by default.")] = None,
    seed: Seed = 1,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """规律：未参与拟合的典型事实是否出现，零模型是否不满足。Patterns that nothing was fitted to, and their nulls."""
    from experiments.commands_patterns import PatternOrder, show_patterns

    order = PatternOrder(firms, replicates, populations, parameters, out, seed, quiet, ("lvjin", *(context.obj or ())))
    raise typer.Exit(show_patterns(order))


def ablate(
    context: typer.Context,
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="情景 Scenario.")] = "plan",
    firms: Firms = 5000,
    replicates: Annotated[int, typer.Option(help="每个机制的重复次数 Replicates of each mechanism.", min=2)] = 20,
    populations: Populations = 4,
    draws: Annotated[int, typer.Option(help="交叉的参数抽取数 Parameter draws that are crossed.", min=2)] = 10,
    lucks: Annotated[int, typer.Option(help="交叉的运气数 Lucks that are crossed.", min=2)] = 3,
    parameters: ParameterSource = "posterior",
    out: Annotated[Path | None, typer.Option(help="结果目录 Folder; results/ablation by default.")] = None,
    workers: Threads = None,
    seed: Seed = 1,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """消融：逐一关闭机制的预测，以及预测带宽的来源。The forecast without each mechanism; sources of its width."""
    from experiments import commands_ablate

    order = commands_ablate.AblateOrder(
        scenario=scenario,
        firms=firms,
        replicates=replicates,
        populations=populations,
        draws=draws,
        lucks=lucks,
        parameters=parameters,
        out=out,
        seed=seed,
        workers=workers,
        quiet=quiet,
        command=("lvjin", *(context.obj or ())),
    )
    raise typer.Exit(commands_ablate.ablate(order))


COMMANDS: dict[Callable[..., None], str] = {
    freeze: "例 Example: lvjin freeze plan --replicates 200 --out docs/forecasts/2026-11-25",
    patterns: "例 Example: lvjin patterns --replicates 5 --out docs",
    ablate: "例 Example: lvjin ablate plan --replicates 20 --out docs",
    score: "例 Example: lvjin score facts.csv --forecast docs/forecasts/2026-11-25",
}


def add_to(app: typer.Typer) -> None:
    """Make the commands part of the command line."""
    for command, example in COMMANDS.items():
        app.command(epilog=example)(command)
