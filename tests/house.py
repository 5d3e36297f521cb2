"""The rules of the house as functions from text to findings, so that each can be shown to find something."""

import ast
import re

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# In pieces, so that this file does not name what it forbids.
REGISTRY = re.compile("|".join(("py" + r"pi\.org", "python" + r"hosted\.org", "npm" + r"js\.org", "index" + "[-_]url")))
MACHINE_PATH = re.compile(r"(?<![\w.~%})-])/(?:root|work|home|Users|tmp)/\w")

MATH_ALLOWED = {"ceil", "copysign", "fabs", "floor", "inf", "isfinite", "isinf", "isnan", "nan", "pi", "sqrt", "trunc"}
NUMPY_FORBIDDEN = {
    *("arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "cbrt", "cos", "cosh", "exp", "exp2"),
    *("expm1", "float_power", "hypot", "log", "log10", "log1p", "log2", "logaddexp", "pow", "power", "random", "sin"),
    *("sinh", "tan", "tanh"),
}
NAMES = {"np": "numpy"}


def addresses(text: str) -> list[str]:
    """Return what names a package registry or a folder of one machine."""
    return [match.group() for pattern in (REGISTRY, MACHINE_PATH) for match in pattern.finditer(text)]


def forbidden_arithmetic(source: str) -> list[str]:
    """Return the expressions whose last bit depends on the machine, or that draw from a shared random state."""
    return [f"line {node.lineno}: {ast.unparse(node)}" for node in ast.walk(ast.parse(source)) if _machine_bound(node)]


def _machine_bound(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id=module), attr=attribute):
            return _forbidden_name(NAMES.get(module, module), attribute)
        case ast.ImportFrom(module=str(module), names=names):
            return module.startswith("numpy.random") or any(_forbidden_name(module, name.name) for name in names)
        case ast.Import(names=names):
            return any(name.name in {"random", "cmath", "numpy.random"} for name in names)
        case ast.BinOp(op=ast.Pow(), left=ast.Constant(value=int()), right=ast.Constant(value=int())):
            return False
        case ast.BinOp(op=ast.Pow()) | ast.AugAssign(op=ast.Pow()) | ast.Call(func=ast.Name(id="pow")):
            return True
    return False


def _forbidden_name(module: str, name: str) -> bool:
    if module == "math":
        return name not in MATH_ALLOWED
    return module in {"random", "cmath"} or (module == "numpy" and name in NUMPY_FORBIDDEN)


def loose_compilation(source: str) -> list[str]:
    """Return the flags that let a compiler reorder floating-point arithmetic."""
    found = []
    for node in ast.walk(ast.parse(source)):
        for name, value in _named_values(node):
            if name in {"fastmath", "parallel"} and not (isinstance(value, ast.Constant) and value.value is False):
                found.append(f"{name}={ast.unparse(value)}")
        if isinstance(node, ast.Attribute | ast.Name) and ast.unparse(node).split(".")[-1] == "prange":
            found.append("prange")
    return found


def _named_values(node: ast.AST) -> list[tuple[str, ast.expr]]:
    if isinstance(node, ast.Call):
        return [(keyword.arg, keyword.value) for keyword in node.keywords if keyword.arg]
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return [(key.value, value) for key, value in pairs if isinstance(key, ast.Constant)]
    return []


def unexplained(requirements: list[str], text: str) -> list[str]:
    """Return the requirements without a reason behind them on their line of pyproject.toml."""
    return [item for item in requirements if not re.search(rf'^\s*"{re.escape(item)}",?\s*#\s*\w.{{9,}}$', text, re.M)]


def locked(text: str) -> dict[str, list[str]]:
    """Return the versions that a lock file holds, by name of the distribution."""
    versions: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([a-z0-9][a-z0-9-]*)(?:\[[^]]*\])?==(\S+)", text, re.M):
        versions.setdefault(name, []).append(version)
    return versions


def loose_locks(text: str) -> list[str]:
    """Return the lines of a lock file that name an address, and the entries without a hash."""
    addressed = [line for line in text.splitlines() if "://" in line or line.startswith("-") or " @ " in line]
    entries = re.split(r"\n(?=\S)", text.strip())
    return addressed + [entry for entry in entries if not re.match(r"\S+==.*\\\n\s+--hash=sha256:[0-9a-f]{64}", entry)]


def stale(requirements: list[str], lock: str) -> list[str]:
    """Return the requirements that the lock leaves out or meets with a version they do not allow."""
    versions = locked(lock)
    wanted = {item: Requirement(item) for item in requirements}
    held = {item: versions.get(canonicalize_name(requirement.name), []) for item, requirement in wanted.items()}
    return [
        item for item in requirements if not held[item] or not all(map(wanted[item].specifier.contains, held[item]))
    ]
