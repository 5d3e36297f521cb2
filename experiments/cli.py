"""The command line `lvjin`: thin commands whose work lies in experiments/commands_<name>.py, imported when run.

Exit codes: 0 complete, 2 bad usage or configuration, 3 input or output, 4 finished with failed runs, 5 integrity
violated, 130 and 143 interrupted, 1 a defect of Lvjin. A traceback appears with `--debug` only.
"""

import importlib.util
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from experiments import judging_commands, question_commands
from experiments.interrupting import heed_signals
from experiments.options import (
    Debug,
    Firms,
    Information,
    ParameterSource,
    Populations,
    Quiet,
    Seed,
    Threads,
    Until,
    Verbose,
)
from experiments.starting import collect_rarely

BAD_CONFIG, INPUT_OUTPUT, INTEGRITY, DEFECT = 2, 3, 5, 1

app = typer.Typer(
    name="lvjin",
    help="绿津：江津绿色产业与政策的多主体模型。Lvjin: the green industry of Jiangjin, and the policies that move it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"lvjin {version('lvjin')}")
        raise typer.Exit


@app.callback()
def every_command(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="版本 Show the version.")
    ] = False,
    debug: Debug = False,
) -> None:
    """绿津：江津绿色产业与政策的多主体模型。Lvjin: the green industry of Jiangjin, and the policies that move it."""


@app.command(epilog="例 Example: lvjin check configs/policy/carbon_price.yaml my_scenario.yaml")
def check(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE…", help="省略则检查全部 All of configs/ if none.")
    ] = None,
    schema: Annotated[bool, typer.Option("--schema", help="输出参数文件的 JSON Schema Print it, for editors.")] = False,
    seed: Seed = 1,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """检查参数、情景和数据表文件。Check files of parameters, scenarios and tables."""
    from experiments.commands_check import check_files, print_schema

    raise typer.Exit(print_schema() if schema else check_files(files or [], quiet=quiet, verbose=verbose))


@app.command(epilog="例 Example: lvjin explain policy.carbon_price.price")
def explain(
    keys: Annotated[list[str], typer.Argument(metavar="KEY…", help="参数全名 Full key of a parameter.")],
    seed: Seed = 1,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """解释参数：单位、取值、范围、来源、何处使用。Explain a parameter: unit, value, bounds, source, who reads it."""
    from experiments.commands_explain import explain_keys

    raise typer.Exit(explain_keys(keys))


@app.command("list", epilog="例 Example: lvjin list levers")
def list_(
    topic: Annotated[
        str, typer.Argument(help="scenarios | levers | sectors | options | parameters | variables")
    ] = "scenarios",
    seed: Seed = 1,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """列出情景、政策杠杆、行业、技术、参数或变量。List scenarios, levers, sectors, options, parameters or variables."""
    from experiments.commands_list import list_topic

    raise typer.Exit(list_topic(topic, verbose=verbose))


@app.command(epilog="例 Example: lvjin run plan --firms 2000 --set policy.retrofit_grant.share=0.3")
def run(
    context: typer.Context,
    scenarios: Annotated[
        list[str] | None,
        typer.Argument(metavar="SCENARIO", help="情景名或文件 Names or files; baseline plan if none."),
    ] = None,
    firms: Firms = 5000,
    until: Until = "2025Q4",
    replicates: Annotated[int, typer.Option(help="重复次数 Replicates in all.", min=1)] = 100,
    populations: Populations = 2,
    parameters: ParameterSource = "posterior",
    information: Information = "as_of_2021",
    changes: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="改动参数，KEY@DATE=VALUE 自某日起 Change.")
    ] = None,
    micro: Annotated[
        int | None,
        typer.Option(metavar="[R]", help="保留重复R（省略为0）的企业数据 Keep firms of one.", min=0),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="结果目录 Folder; results/<scenarios> by default.")] = None,
    workers: Threads = None,
    seed: Seed = 1,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """运行情景，写出数据包与图。Run scenarios beside each other; write the bundle with its figures."""
    from experiments.commands_run import Order, run_scenarios

    raise typer.Exit(run_scenarios(Order.of(context)))


@app.command("app", epilog="例 Example: lvjin app --port 8765")
def app_(
    host: Annotated[str, typer.Option(help="监听地址 Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="端口 Port.", min=1, max=65535)] = 8765,
    allow: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="访客使用的主机名 Name that visitors may use for it.")
    ] = None,
    firms: Firms = 5000,
    replicates: Annotated[int, typer.Option(help="每次运行的重复次数 Replicates of a run.", min=1)] = 100,
    seed: Seed = 1,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """启动网页应用。Serve the application for policymakers in a browser; Ctrl-C ends it."""
    from experiments.commands_app import start_app

    raise typer.Exit(start_app(host, port, allow or (), firms, replicates, seed, quiet))


question_commands.add_to(app)
judging_commands.add_to(app)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    collect_rarely()
    words = list(sys.argv[1:] if arguments is None else arguments)
    heed_signals()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal without Chinese is no reason to stop
    try:
        _refuse_foreign_packages()
        app(with_bare_values(words), prog_name="lvjin", obj=words)
    except Exception as error:  # the last border: a user meets a sentence, not a traceback
        if "--debug" in words:
            raise
        sys.exit(_told(error))


def with_bare_values(words: Sequence[str]) -> list[str]:
    """The words with a 0 after a `--micro` that is given no replicate."""
    after = [*words[1:], ""]
    return [
        "--micro=0" if word == "--micro" and not then.isdecimal() else word
        for word, then in zip(words, after, strict=True)
    ]


def _told(error: Exception) -> int:
    """Say what went wrong on the error stream; return the exit code."""
    from sim.configuration.problems import ConfigError

    if isinstance(error, ConfigError):
        count = len(error.problems)
        _say(str(error))
        _say(f"{count} 处问题，请改正后重试。{count} problem{'s' if count > 1 else ''}; put right and try again.")
        return BAD_CONFIG
    if isinstance(error, OSError):
        place = f" ({error.filename})" if error.filename else ""
        _say(f"读写失败 Input or output failed: {error.strerror or error}{place}")
        return INPUT_OUTPUT
    if isinstance(error, MemoryError):
        _say("内存不足 Not enough memory: fewer --firms, --replicates or --workers need less.")
        return INPUT_OUTPUT
    if isinstance(error, _loaded("sim.population.rules", "PopulationError")):
        _say(f"企业总体无法生成 The firms cannot be drawn: {error}")
        return BAD_CONFIG
    if isinstance(error, _loaded("sim.results.integrity", "IntegrityError")):
        _say(f"核算不平，未写出任何结果 An identity of the model is broken, so nothing was written: {error}")
        return INTEGRITY
    _say(f"程序缺陷 This is a defect of Lvjin: {type(error).__name__}: {error}. Add --debug for the traceback.")
    return DEFECT


def _loaded(module: str, name: str) -> tuple[type[BaseException], ...]:
    """A class of a module for `isinstance`; none if the module was never loaded, so nothing raised it."""
    return (getattr(sys.modules[module], name),) if module in sys.modules else ()


def _say(sentence: str) -> None:
    typer.echo(sentence, err=True)


def _refuse_foreign_packages() -> None:
    """Stop when another distribution's `agents` or `sim` would be imported instead of ours: the names are generic."""
    ours = Path(__file__).resolve().parent.parent
    for name in ("agents", "sim"):
        found = importlib.util.find_spec(name)
        place = Path(found.origin).resolve().parent if found and found.origin else None
        if place != ours / name:
            _say(f"软件包冲突 Another package is in the way: `{name}` is found at {place}, not at {ours / name}.")
            _say("Install Lvjin in an environment of its own (`make setup`), or leave the other one's folder.")
            sys.exit(INPUT_OUTPUT)


if __name__ == "__main__":
    main()
