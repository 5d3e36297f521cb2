"""Options that every command of `lvjin` takes, declared once."""

from typing import Annotated

import typer

Seed = Annotated[int, typer.Option("--seed", help="随机种子 Key of all random draws.", min=0, max=2**63 - 1)]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="只报告错误 Say nothing but errors.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="更多细节 Say more.")]
Debug = Annotated[bool, typer.Option("--debug", help="出错时给出完整堆栈 Show the traceback of an error.")]
