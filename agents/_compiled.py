"""The decorators that make rules and kernels fast, in one place and applied once per function.

A rule edited in one file leaves stale kernels of other files in numba's cache, and a warm cache ignores bounds checks.
So the cache folder is named by a hash of every file that compiled code can depend on, of numba and of the flags:
`STAMP`.
"""

import hashlib
import importlib
import os
import re
import stat
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numba import types
from numba.core.registry import CPUDispatcher
from numba.np import arrayobj

Function = TypeVar("Function", bound=Callable[..., Any])

ROOT = Path(__file__).resolve().parent.parent
SETTINGS: Any = numba.config
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
DECORATED = re.compile(
    rb"_compiled import (?![A-Z_, ]+\n)|import [^\n]*\b_compiled\b"
)  # more than constants of this file
IMPORTED = re.compile(rb"\n *from ((?:agents|sim)\b[\w.]*) import (\([^)]*\)|[^\n]*)")
IMPORTED_WHOLE = re.compile(rb"\n *import ((?:agents|sim)\b[\w.]*)")
FORWARD = ("agents.", "sim.phases.")  # modules that never count from the end of an array
LEAN: dict[str, Any] = {"_nrt": False}  # no memory is allotted, so no references need counting


class Piece(CPUDispatcher):
    """A function that is compiled into its callers only; called from Python, it is the plain function.

    It is compiled once, with int64 for every whole number. An ordinary function takes more than twice as long: numba
    adds entrances for Python and C, and makes a version for each constant and each small kind of integer.
    """

    def __call__(self, *arguments: Any) -> Any:
        """Run the plain function."""
        return self.py_func(*arguments)

    def get_call_template(self, arguments: Any, keywords: Any) -> Any:
        """Let compiled code call the one version."""
        return super().get_call_template(tuple(map(usual, arguments)), {k: usual(v) for k, v in keywords.items()})


def usual(kind: Any) -> Any:
    """Return int64 for a constant or a small integer, and every other type as it is."""
    kind = types.unliteral(kind)
    return types.int64 if isinstance(kind, types.Integer) else kind


def place_of(context: Any, builder: Any, kind: Any, index: Any, size: Any) -> Any:
    """Emit code for an index: rules and phases never count from the end, so that nothing asks for its sign.

    Asking costs three registers and as many steps for each array that a loop looks at. Everybody else's functions keep
    numba's way, population and opening included. With bounds checks an index below zero is still found.
    """
    module = getattr(context.fndesc, "modname", "")
    if kind.signed and module.startswith(FORWARD):
        return context.cast(builder, index, kind, types.intp)
    return any_place_of(context, builder, kind, index, size)


any_place_of, arrayobj.fix_integer_index = arrayobj.fix_integer_index, place_of


def rule(function: Function) -> Function:
    """Compile the rule of one firm: numba types it once, LLVM takes its body into the kernels that call it.

    Taken in, a rule or a part gets its arguments for nothing. A call would copy them: a state is some 170 numbers.
    """
    if SETTINGS.DISABLE_JIT:
        return function
    wanted = {"nopython": True, "boundscheck": None, "forceinline": True, "no_cpython_wrapper": True}
    return cast(Function, Piece(function, targetoptions=wanted | OPTIONS | LEAN))


formula = rule  # a piece of mathematics is compiled like a rule
part = rule  # and so is a piece of a kernel: a loop or a posting that only kernels call


def kernel(function: Function) -> Function:
    """Compile a loop over firms or links, and keep the machine code on disk for the next process."""
    return cast(Function, numba.njit(cache=True, **OPTIONS)(function))


def lean_kernel(function: Function) -> Function:
    """Compile a kernel that allots no memory: the compiler refuses one that does."""
    return cast(Function, numba.njit(cache=True, **OPTIONS, **LEAN)(function))


@cache
def leave_out_linear_algebra() -> None:
    """Let numba load its array functions without looking whether scipy's linear algebra is there.

    No kernel may use it, and to load it takes a tenth of the time from a command to its first quarter. Called before
    the first kernel runs; afterwards numba would find it again, but for convolutions.
    """
    from numba.np import linalg

    def absent() -> None:
        raise ImportError("left out")

    look, linalg.ensure_blas = linalg.ensure_blas, absent
    try:
        importlib.import_module("numba.np.arraymath")
    finally:
        linalg.ensure_blas = look


def source_stamp(root: Path = ROOT) -> str:
    """Return 16 hex digits that change with any rule, kernel, compiler version or flag."""
    digest = hashlib.sha256()
    for name, content in sorted(compiled_sources(root).items()):
        digest.update(f"{name}\0".encode() + content + b"\0")
    flags = (SETTINGS.BOUNDSCHECK, SETTINGS.OPT, SETTINGS.DEBUG)
    digest.update(repr((numba.__version__, np.__version__, flags)).encode())
    return digest.hexdigest()[:16]


def compiled_sources(root: Path) -> dict[str, bytes]:
    """Return the files that hold compiled code and all that they import, by module, however far down.

    A kernel sees the names of its own file, which come from there or from files that it imports, and arguments, whose
    kinds numba looks at itself. Every line that imports counts, also within functions and for types alone.
    """
    paths = [path for folder in ("agents", "sim") for path in (root / folder).rglob("*.py")]
    files = {".".join(path.relative_to(root).with_suffix("").parts): path.read_bytes() for path in paths}
    waiting = [name for name, content in files.items() if DECORATED.search(content)]
    found: dict[str, bytes] = {}
    while waiting:
        name = waiting.pop()
        if name in files and name not in found:
            found[name] = files[name]
            waiting += imported_modules(files[name])
    return found


def imported_modules(content: bytes) -> set[str]:
    """Return what a file may import from our packages; names that are no modules among them."""
    modules = {module.decode() for module in IMPORTED_WHOLE.findall(b"\n" + content)}
    for package, names in IMPORTED.findall(b"\n" + content):
        modules |= {package.decode(), *(f"{package.decode()}.{name}" for name in re.findall(r"\w+", names.decode()))}
    return modules | {f"{module}.__init__" for module in modules}


def private_folder(path: Path) -> bool:
    """Make the folder for its owner alone; false where it cannot be written or another could have filled it."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.lstat()
    except OSError:
        return False
    owned = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    shared = stat.S_IMODE(found.st_mode) & (stat.S_IWGRP | stat.S_IWOTH)
    return owned and not shared and os.access(path, os.W_OK)


def cache_folder(stamp: str) -> Path:
    """Return the folder for this stamp: the user's wish, the project's own, the user's cache, or a passing one."""
    wish = os.environ.get("NUMBA_CACHE_DIR")
    if wish:
        return Path(wish) / stamp
    user_cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    candidates = [user_cache / "lvjin"]
    if (ROOT / "pyproject.toml").is_file():
        candidates.insert(0, ROOT / ".numba")
    for candidate in candidates:
        if private_folder(candidate) and private_folder(candidate / stamp):
            return candidate / stamp
    return Path(tempfile.mkdtemp(prefix="lvjin-"))


STAMP = source_stamp()
if not SETTINGS.DISABLE_JIT:
    SETTINGS.CACHE_DIR = str(cache_folder(STAMP))
