"""The commands of `lvjin` that put questions to many runs; each imports what does its work when it is run."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from experiments.options import (
    Debug,
    Firms,
    Information,
    ParameterSource,
    Populations,
    Processes,
    Quiet,
    Seed,
    Threads,
    Until,
    Verbose,
)


def sweep(
    context: typer.Context,
    design: Annotated[Path, typer.Argument(metavar="DESIGN.yaml", help="试验设计文件 A design; see configs/designs/.")],
    out: Annotated[Path, typer.Option(help="结果目录；同一命令可续跑 Folder; the same command goes on.")],
    workers: Processes = None,
    cluster: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Dask 调度器 Scheduler, as tcp://host:8786.")
    ] = None,
    status: Annotated[bool, typer.Option("--status", help="只报告进度 Only say how far it is.")] = False,
    retry: Annotated[bool, typer.Option("--retry", help="重试失败的运行 Do failed runs again.")] = False,
    seed: Annotated[
        int | None, typer.Option(help="随机种子，代替设计文件中的 Key of all draws, instead of the file's.", min=0)
    ] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """按设计批量运行；可中断、可续跑，单次失败不影响其余。Run a design; what is interrupted goes on."""
    from experiments.commands_sweep import SweepOrder, sweep_design

    order = SweepOrder(
        design=design,
        out=out,
        workers=workers,
        cluster=cluster,
        status=status,
        retry=retry,
        seed=seed,
        quiet=quiet,
        verbose=verbose,
        command=("lvjin", *(context.obj or ())),
    )
    raise typer.Exit(sweep_design(order))


def compare(
    context: typer.Context,
    first: Annotated[str, typer.Argument(metavar="A", help="情景名或文件 Name or file.")],
    second: Annotated[str, typer.Argument(metavar="B", help="情景名或文件 Name or file.")],
    second_changes: Annotated[
        list[str] | None, typer.Option("--set-b", metavar="KEY=VALUE", help="只改动B Change B alone.")
    ] = None,
    firms: Firms = 5000,
    until: Until = "2025Q4",
    replicates: Annotated[int, typer.Option(help="重复次数 Replicates in all.", min=1)] = 100,
    populations: Populations = 2,
    parameters: ParameterSource = "posterior",
    information: Information = "as_of_2021",
    changes: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="两者都改动 Change both.")
    ] = None,
    micro: Annotated[int | None, typer.Option(metavar="[R]", help="比较企业的重复 Whose firms.", min=0)] = None,
    out: Annotated[Path | None, typer.Option(help="结果目录 Folder; results/compare-… by default.")] = None,
    workers: Threads = None,
    seed: Seed = 1,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """比较两个情景：差别、区间、哪些企业改变及其约束。Compare two scenarios: differences and firms that change."""
    from experiments.commands_compare import CompareOrder, compare_scenarios
    from experiments.commands_run import Order

    order = CompareOrder(first, second, Order.of(context), second_changes or ())
    raise typer.Exit(compare_scenarios(order))


def sensitivity(
    context: typer.Context,
    design: Annotated[Path, typer.Argument(metavar="DESIGN.yaml", help="Morris 设计 A design of kind morris.")],
    out: Annotated[Path, typer.Option(help="结果目录；同一命令可续跑 Folder; the same command goes on.")],
    variable: Annotated[
        str | None, typer.Option(help="输出变量 Output; the first that the design keeps by default.")
    ] = None,
    year: Annotated[int | None, typer.Option(help="年份 Year; the last by default.")] = None,
    top: Annotated[int, typer.Option(help="做Sobol的因素数 Factors that get Sobol indices; 0 for none.", min=0)] = 6,
    size: Annotated[int, typer.Option(help="Sobol 点数，2的幂 Points of the sequence, a power of two.", min=2)] = 64,
    workers: Processes = None,
    seed: Annotated[
        int | None, typer.Option(help="随机种子，代替设计文件中的 Key of all draws, instead of the file's.", min=0)
    ] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """敏感性：哪些假设影响结果。Which assumptions move an output: Morris screening, then Sobol indices."""
    from experiments.commands_sensitivity import ask_sensitivity
    from experiments.questions.asking import Asked

    asked = Asked(out, workers, quiet, ("lvjin", *(context.obj or ())))
    raise typer.Exit(ask_sensitivity(design, asked, variable, year, top, size, seed))


def attribute(
    context: typer.Context,
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="政策组合 The package.")] = "plan",
    against: Annotated[str, typer.Option(help="相对于哪个情景 The scenario without it.")] = "baseline",
    by: Annotated[str, typer.Option(help="分组 Parts: chapter | section | instrument")] = "chapter",
    variable: Annotated[str | None, typer.Option(help="输出变量 Output; green revenue by default.")] = None,
    year: Annotated[int | None, typer.Option(help="年份 Year; the last by default.")] = None,
    orders: Annotated[
        int, typer.Option(help="多于8部分时抽取的次序数 Orders drawn where there are more than 8 parts.", min=2)
    ] = 40,
    firms: Firms = 5000,
    until: Until = "2025Q4",
    replicates: Annotated[int, typer.Option(help="重复次数 Replicates in all.", min=1)] = 20,
    populations: Populations = 2,
    parameters: ParameterSource = "posterior",
    information: Information = "as_of_2021",
    out: Annotated[Path | None, typer.Option(help="结果目录；同一命令可续跑 Folder; the same command goes on.")] = None,
    workers: Processes = None,
    seed: Seed = 1,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """归因：政策组合的效果由哪些部分带来（Shapley）。Which parts of a package carry its effect: Shapley shares."""
    from experiments.commands_attribute import Attribution, ask_attribution
    from experiments.commands_run import RESULTS, Order
    from experiments.questions.asking import Asked

    order = Order.of(context)
    place = out or Path(RESULTS) / f"attribute-{Path(scenario).stem}-{by}"
    asked = Asked(place, workers, quiet, ("lvjin", *(context.obj or ())))
    raise typer.Exit(ask_attribution(Attribution(scenario, against, by, variable, year, orders), order, asked))


def search(
    context: typer.Context,
    design: Annotated[Path, typer.Argument(metavar="DESIGN.yaml", help="杠杆及范围 A design: its levers and bounds.")],
    out: Annotated[Path, typer.Option(help="结果目录；同一命令可续跑 Folder; the same command goes on.")],
    variable: Annotated[str, typer.Option(help="目标变量 Output with the target.")] = "Revenue|Green Industry",
    at_least: Annotated[float, typer.Option(help="目标值 Target.")] = 400.0,
    year: Annotated[int, typer.Option(help="目标年份 Year of the target.")] = 2025,
    chance: Annotated[float, typer.Option(help="要求的概率 Wanted chance of the target.", min=0.0, max=1.0)] = 0.5,
    cost: Annotated[str, typer.Option(help="费用变量 What it costs, summed from 2022.")] = "Policy Cost|Government",
    limits: Annotated[
        list[str] | None, typer.Option("--limit", metavar="VARIABLE<=VALUE", help="限制 A limit in that year.")
    ] = None,
    size: Annotated[int, typer.Option(help="首批组合数，2的幂 Packages at first, a power of two.", min=4)] = 32,
    generations: Annotated[int, typer.Option(help="其后的代数 Generations after it.", min=0)] = 3,
    finalists: Annotated[int, typer.Option(help="换新种子重算的组合数 Packages run with fresh seeds.", min=1)] = 5,
    fresh: Annotated[int, typer.Option(help="其重复次数 Their replicates.", min=2)] = 100,
    workers: Processes = None,
    seed: Annotated[
        int | None, typer.Option(help="随机种子，代替设计文件中的 Key of all draws, instead of the file's.", min=0)
    ] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """寻找：以要求的概率达标的最省政策组合。The cheapest package that reaches a target with a wanted chance."""
    from experiments.commands_search import Search, ask_search
    from experiments.questions.asking import Asked

    asked = Asked(out, workers, quiet, ("lvjin", *(context.obj or ())))
    wanted = Search(
        variable=variable,
        at_least=at_least,
        year=year,
        chance=chance,
        cost=cost,
        limits=limits or (),
        size=size,
        generations=generations,
        finalists=finalists,
        fresh=fresh,
    )
    raise typer.Exit(ask_search(design, wanted, asked, seed))


def discover(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="批量运行或一次运行的目录 Folder of a sweep or of a run.")
    ],
    variable: Annotated[str, typer.Option(help="结果变量 Output of interest.")] = "Revenue|Green Industry",
    year: Annotated[int | None, typer.Option(help="年份 Year; the last by default.")] = None,
    at_least: Annotated[float | None, typer.Option(help="不低于此值为所关注的结果 Cases from here on.")] = None,
    at_most: Annotated[float | None, typer.Option(help="不高于此值为所关注的结果 Cases up to here.")] = None,
    coverage: Annotated[
        float, typer.Option(help="区域至少包含的份额 Share of the cases that the box must hold.", min=0.0, max=1.0)
    ] = 0.6,
    out: Annotated[Path | None, typer.Option(help="结果目录 Folder; FOLDER/discovery by default.")] = None,
    scenario: Annotated[str | None, typer.Option(help="一次运行中的情景 Scenario of a run; plan by default.")] = None,
    seed: Seed = 1,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """发现：某结果集中出现的条件，以及哪些因素值得弄清。Where an outcome concentrates (PRIM); what is worth knowing."""
    from experiments.commands_discover import ask_discovery
    from experiments.questions.asking import Asked

    asked = Asked(out or folder / "discovery", None, quiet, ("lvjin", *(context.obj or ())))
    raise typer.Exit(ask_discovery(folder, asked, variable, year, at_least, at_most, coverage, seed, scenario))


def calibrate(
    context: typer.Context,
    quick: Annotated[bool, typer.Option("--quick", help="小规模试做，不可作默认后验 A small try.")] = False,
    install: Annotated[
        bool, typer.Option("--install", help="装为默认后验并写文档页 Put the draws into configs/, the page into docs/.")
    ] = False,
    settings: Annotated[
        Path | None, typer.Option(help="校准设置文件 Settings; configs/calibration.yaml by default.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="结果目录；同一命令可续跑 Folder; the same command goes on.")] = None,
    workers: Threads = None,
    seed: Annotated[
        int | None,
        typer.Option(help="随机种子，代替设置文件中的 Key of all draws, instead of the file's.", min=0, max=2**31 - 1),
    ] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """校准：由2021年及以前的事实得到参数的后验。The posterior of parameters from facts up to 2021."""
    from experiments.commands_calibrate import CalibrationOrder, calibrate

    command = ("lvjin", *(context.obj or ()))
    order = CalibrationOrder(quick, install, out, settings, seed, workers, quiet, command)
    raise typer.Exit(calibrate(order))


def publish(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="结果目录 Folder of results.")],
    seed: Seed = 1,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """封存结果：补全图与简报，写入每个文件的摘要。Seal results: figures, report and a digest of every file."""
    from experiments import commands_publish

    raise typer.Exit(commands_publish.publish(folder, quiet=quiet))


def verify(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="已封存的结果目录 A sealed folder.")],
    sample: Annotated[int, typer.Option(help="重算的行数 Rows run again; 0 for none.", min=0)] = 3,
    seed: Seed = 1,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """核验：对照封存，并抽样重算、逐字节比较。Hold a folder against its seal; run sampled rows again, byte by byte."""
    from experiments import commands_publish

    raise typer.Exit(commands_publish.verify(folder, sample, seed, quiet=quiet))


def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="结果目录 Folder of a run.")],
    seed: Seed = 1,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """简报：一个自带图的双语网页文件。A brief in both languages, one HTML file with its pictures inside."""
    from experiments.report import write_report

    place = write_report(folder)
    if not quiet:
        typer.echo(f"简报 Report: {place}")


COMMANDS: dict[Callable[..., None], str] = {
    sweep: "例 Example: lvjin sweep configs/designs/grant_and_carbon_price.yaml --out results/grant-carbon",
    compare: "例 Example: lvjin compare baseline plan --replicates 50",
    sensitivity: "例 Example: lvjin sensitivity configs/designs/assumptions_screening.yaml --out results/screening",
    attribute: "例 Example: lvjin attribute plan --by chapter --replicates 20",
    search: "例 Example: lvjin search configs/designs/plan_strengths.yaml --chance 0.5 --out results/cheapest",
    discover: "例 Example: lvjin discover results/strengths --at-least 400",
    calibrate: "例 Example: lvjin calibrate --quick",
    publish: "例 Example: lvjin publish results/baseline-plan",
    verify: "例 Example: lvjin verify results/baseline-plan --sample 5",
    report: "例 Example: lvjin report results/baseline-plan",
}


def add_to(app: typer.Typer) -> None:
    """Make the commands part of the command line."""
    for command, example in COMMANDS.items():
        app.command(epilog=example)(command)
