"""Options that several commands of `lvjin` take, declared once."""

from typing import Annotated

import typer

Seed = Annotated[int, typer.Option("--seed", help="随机种子 Key of all random draws.", min=0, max=2**63 - 1)]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="只报告错误 Say nothing but errors.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="更多细节 Say more.")]
Debug = Annotated[bool, typer.Option("--debug", help="出错时给出完整堆栈 Show the traceback of an error.")]
Firms = Annotated[int, typer.Option(help="企业行数 Rows of the population.", min=1, max=2_000_000)]
Until = Annotated[str, typer.Option(help="末季度 Last quarter, to 2035Q4.")]
Populations = Annotated[int, typer.Option(help="合成总体数 Populations drawn.", min=1)]
ParameterSource = Annotated[str, typer.Option(help="posterior | prior | central")]
Information = Annotated[str, typer.Option(help="as_of_2021 | conditional")]
Threads = Annotated[int | None, typer.Option(help="线程数 Threads; no result depends on it.", min=1)]
Processes = Annotated[int | None, typer.Option(help="进程数 Processes; no result depends on it.", min=1)]
