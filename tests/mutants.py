"""Mistakes planted in a module, one at a time: do the tests notice?

A mutant is the module with one comparison turned round, one sign or connective swapped, one number one larger, or one
statement left out. It is run in a child process, interpreted, and counts as noticed when a test fails or hangs. Where
`<` and `<=` differ is not tried: with numbers of the real line that is often no difference.

    NUMBA_DISABLE_JIT=1 python tests/mutants.py sim.draws 40 tests/test_draws.py
"""

import ast
import copy
import importlib.abc
import importlib.util
import os
import random
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 300.0  # seconds; a mutant that takes longer hangs
HEAVY = ("hypothesis", "numba", "numpy", "pandas", "pydantic", "pytest", "scipy.stats", "yaml")  # nothing of our own
PAIRS = (
    *((ast.Lt, ast.GtE), (ast.Gt, ast.LtE), (ast.Eq, ast.NotEq), (ast.Is, ast.IsNot), (ast.In, ast.NotIn)),
    *((ast.Add, ast.Sub), (ast.Mult, ast.Div), (ast.LShift, ast.RShift), (ast.BitAnd, ast.BitOr), (ast.And, ast.Or)),
)
TURNED = {one: other for pair in PAIRS for one, other in (pair, pair[::-1])}
TURNED |= {ast.BitXor: ast.BitAnd, ast.FloorDiv: ast.Mult}


class Mutant(NamedTuple):
    """One mistake: where it is, in words, and the module with it."""

    name: str
    tree: ast.Module


def mutants(source: str) -> Iterator[Mutant]:
    """Every mistake that can be planted in a module, in the order of its lines."""
    plain = ast.parse(source)
    typed = {id(node) for told in annotations(plain) for node in ast.walk(told)}
    for place, node in enumerate(ast.walk(plain)):
        if id(node) in typed:
            continue
        for kind in mistakes(node):
            tree = copy.deepcopy(plain)
            target = [*ast.walk(tree)][place]
            name = f"line {getattr(node, 'lineno', 0)}: {kind}: {ast.unparse(node).splitlines()[0][:80]}"
            plant(target, kind, tree)
            yield Mutant(name, ast.fix_missing_locations(tree))


def annotations(tree: ast.Module) -> Iterator[ast.AST]:
    """What only says of which type something is."""
    for node in ast.walk(tree):
        for name in ("annotation", "returns"):
            if (told := getattr(node, name, None)) is not None:
                yield told


def mistakes(node: ast.AST) -> list[str]:
    """What can be wrong with a node."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in TURNED:
        return ["turned"]
    if isinstance(node, ast.BinOp | ast.AugAssign | ast.BoolOp) and type(node.op) in TURNED:
        return ["swapped"]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        return ["dropped"]
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return ["one more"]
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return ["left out"]
    if isinstance(node, ast.Assign | ast.AugAssign) and not isinstance(node.value, ast.Constant):
        return ["left out"] if isinstance(target_of(node), ast.Attribute | ast.Subscript) else []
    return []


def target_of(node: ast.Assign | ast.AugAssign) -> ast.expr:
    return node.targets[0] if isinstance(node, ast.Assign) else node.target


def plant(node: ast.AST, kind: str, tree: ast.Module) -> None:
    """Put the mistake into a copy of the module."""
    if kind == "turned" and isinstance(node, ast.Compare):
        node.ops[0] = TURNED[type(node.ops[0])]()
    elif kind == "swapped" and isinstance(node, ast.BinOp | ast.AugAssign | ast.BoolOp):
        node.op = TURNED[type(node.op)]()
    elif kind == "one more" and isinstance(node, ast.Constant):
        node.value += 1
    elif kind == "dropped" and isinstance(node, ast.UnaryOp):
        node.op = ast.UAdd()
    else:
        put_in_place(node, ast.Pass(), tree)


def put_in_place(node: ast.AST, other: ast.stmt, tree: ast.Module) -> None:
    for parent in ast.walk(tree):
        for _, value in ast.iter_fields(parent):
            if isinstance(value, list) and node in value:
                value[value.index(node)] = other


class Planted(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Hands out the mutant when the module is imported."""

    def __init__(self, module: str, path: Path, tree: ast.Module) -> None:
        self.module, self.path, self.tree = module, path, tree

    def find_spec(self, name: str, *_: object) -> object:
        if name != self.module:
            return None
        return importlib.util.spec_from_file_location(name, self.path, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.tree, str(self.path), "exec"), module.__dict__)


def noticed(module: str, path: Path, mutant: Mutant, tests: Sequence[str]) -> bool:
    """Whether the tests fail with the mistake, in a child process of their own."""
    child = os.fork()
    if child == 0:
        os.setsid()  # so that nothing that a test starts outlives it
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        sys.meta_path.insert(0, Planted(module, path, mutant.tree))
        import pytest

        os._exit(int(pytest.main(["-q", "-x", "-p", "no:cacheprovider", *tests])))
    started = time.monotonic()
    while time.monotonic() - started < LONGEST:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status != 0
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def surviving(module: str, most: int, tests: Sequence[str], seed: int = 1) -> tuple[int, list[str]]:
    """How many mistakes were planted, and those that no test noticed.

    Args:
        module: the name of the module.
        most: mistakes that are tried; drawn by chance where there are more.
        tests: the files of tests, quick ones first.
        seed: of that chance.
    """
    for name in HEAVY:
        importlib.import_module(name)
    path = ROOT / f"{module.replace('.', '/')}.py"
    found = [*mutants(path.read_text(encoding="utf-8"))]
    if noticed(module, path, Mutant("none", ast.parse(path.read_text(encoding="utf-8"))), tests):
        raise RuntimeError(f"tests of {module} fail without any mistake")
    drawn = sorted(random.Random(seed).sample(range(len(found)), min(most, len(found))))
    return len(drawn), [found[place].name for place in drawn if not noticed(module, path, found[place], tests)]


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    planted, left = surviving(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
    print(planted, *left, sep="\n")
