"""`lvjin app`: the application in a process of its own, so that the command line never loads what it is made of."""

import contextlib
import importlib.util
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence

import typer

from experiments.progress import COMPILING, reporter

NOT_INSTALLED = 3
NEEDED = ("solara", "ipyvuetify")
PATIENCE = 10  # seconds for the server to stop by itself


def start_app(
    host: str, port: int, allow: Sequence[str], firms: int, replicates: int, seed: int, quiet: bool = False
) -> int:
    """Serve the application until interrupted; return the exit code.

    Args:
        host: address that the server listens at.
        port: its port.
        allow: further names that visitors may use for the server.
        firms: rows of the population of every run.
        replicates: of every run.
        seed: of every run.
        quiet: say nothing but errors.
    """
    if any(importlib.util.find_spec(name) is None for name in NEEDED):
        typer.echo("应用尚未安装：运行 make app。The application is not installed: run `make app`.", err=True)
        return NOT_INSTALLED
    if not free(host, port):
        hint = f"试试 --port {port + 1}。Try --port {port + 1}."
        typer.echo(f"端口 {port} 已被占用。Port {port} on {host} is taken. {hint}", err=True)
        return NOT_INSTALLED
    compile_first(quiet)
    command = [sys.executable, "-m", "viz.serve", "--host", host, "--port", str(port), "--parent", str(os.getpid())]
    command += ["--firms", str(firms), "--replicates", str(replicates), "--seed", str(seed)]
    command += [word for name in allow for word in ("--allow", name)]
    return wait(subprocess.Popen(command))


def free(host: str, port: int) -> bool:
    """Whether nobody listens there yet."""
    with contextlib.closing(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)) as found:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((host, port))
        except OSError:
            return False
    return True


def compile_first(quiet: bool) -> None:
    """Compile the model here, with progress, if that was not done before."""
    from sim.warmup import is_warm, warm_up

    if not is_warm():
        with reporter(quiet) as tell:
            count = tell.counter(COMPILING)
            warm_up(lambda done, in_all, name: count(done, in_all))


def wait(server: subprocess.Popen[bytes]) -> int:
    """Wait for the server; take it along when this process is stopped."""
    try:
        code = server.wait()
    except KeyboardInterrupt:  # the terminal has told the server, too
        code = stopped(server)
    finally:
        if server.poll() is None:
            server.terminate()
            stopped(server)
    return 128 - code if code < 0 else code


def stopped(server: subprocess.Popen[bytes]) -> int:
    """The server's exit code once it has stopped; it is ended if it does not."""
    try:
        code = server.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        server.kill()
        code = server.wait()
    return 0 if code in (-signal.SIGINT, -signal.SIGTERM) else code
