"""The machine code on disk belongs to these sources, these flags and this user alone."""

import ast
import importlib
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from numba.core.dispatcher import Dispatcher

from agents import _compiled

ROOT = Path(__file__).resolve().parent.parent


KERNEL = "from agents._compiled import kernel\nfrom agents.firm import x\n"


def sources(folder, text="x = 1\n", **others):
    for package in ("agents", "sim"):
        (folder / package).mkdir(parents=True)
    (folder / "agents" / "firm.py").write_text(text)
    for name, content in {"orders": KERNEL, **others}.items():
        (folder / "sim" / f"{name}.py").write_text(content)
    return folder


def test_the_stamp_changes_with_any_source(tmp_path):
    first = _compiled.source_stamp(sources(tmp_path / "a"))
    same = _compiled.source_stamp(sources(tmp_path / "b"))
    changed = _compiled.source_stamp(sources(tmp_path / "c", "x = 2\n"))
    assert first == same != changed


IMPORTS = [
    "from sim import tables",
    "from sim.tables import (\n    y,\n    z,\n)",
    "import sim.tables",
    "def read():\n    from sim.tables import y",
    "if TYPE_CHECKING:\n    from sim import other, tables",
]


@pytest.mark.parametrize("line", IMPORTS)
def test_the_stamp_changes_with_what_compiled_code_sees_far_down(tmp_path, line):
    stamps = [
        _compiled.source_stamp(sources(tmp_path / name, f"{line}\n", tables=text, between="from sim import orders"))
        for name, text in (("a", "y = 1"), ("b", "y = 1"), ("c", "y = 2"))
    ]
    assert stamps[0] == stamps[1] != stamps[2]


def test_the_stamp_stays_where_no_compiled_code_looks(tmp_path):
    stamps = [
        _compiled.source_stamp(sources(tmp_path / text, page=f"from sim.orders import y\nprint({text})"))
        for text in ("1", "2")
    ]
    assert stamps[0] == stamps[1]


@pytest.mark.skipif(bool(_compiled.SETTINGS.DISABLE_JIT), reason="nothing is compiled")
def test_every_function_that_is_compiled_stands_in_a_file_of_the_stamp():
    """Found by looking at the functions, not at the text."""
    found, holding = _compiled.compiled_sources(ROOT), set()
    paths = [path.relative_to(ROOT) for folder in ("agents", "sim") for path in (ROOT / folder).rglob("*.py")]
    for name in (".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in paths):
        for value in vars(importlib.import_module(name)).values():
            holding |= {value.py_func.__module__} if isinstance(value, Dispatcher) else set()
    assert len(holding) > 40
    assert holding <= set(found)
    assert "sim.shared_past" not in found


@pytest.mark.parametrize("name", ["BOUNDSCHECK", "OPT", "DEBUG"])
def test_the_stamp_changes_with_a_flag(tmp_path, monkeypatch, name):
    folder = sources(tmp_path)
    before = _compiled.source_stamp(folder)
    monkeypatch.setattr(_compiled.SETTINGS, name, "other")
    assert _compiled.source_stamp(folder) != before


def test_the_folder_is_private(tmp_path):
    assert _compiled.private_folder(tmp_path / "cache")
    assert stat.S_IMODE((tmp_path / "cache").stat().st_mode) == 0o700


def test_a_folder_others_may_write_to_is_refused(tmp_path):
    tmp_path.chmod(0o777)
    assert not _compiled.private_folder(tmp_path)


def test_a_link_to_a_folder_is_refused(tmp_path):
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "cache").symlink_to(tmp_path / "real")
    assert not _compiled.private_folder(tmp_path / "cache")


def test_a_file_in_the_way_is_no_folder(tmp_path):
    (tmp_path / "cache").write_text("")
    assert not _compiled.private_folder(tmp_path / "cache")


def test_the_wish_of_the_user_is_honoured(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert _compiled.cache_folder("0123") == tmp_path / "0123"


def test_outside_a_checkout_the_cache_of_the_user_serves(tmp_path, monkeypatch):
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(_compiled, "ROOT", tmp_path / "installed")
    assert _compiled.cache_folder("0123") == tmp_path / "lvjin" / "0123"


def test_without_any_place_the_cache_passes_with_the_machine(tmp_path, monkeypatch):
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file" / "below"))
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(_compiled, "ROOT", tmp_path)
    monkeypatch.setattr(_compiled.tempfile, "tempdir", str(tmp_path))
    assert _compiled.cache_folder("0123").parent == tmp_path


RULE = """
from agents._compiled import formula, kernel, rule
def double(x):
    return 2.0 * x
print([decorate(double) is double for decorate in (rule, formula, kernel)], rule(double)(1.5))
"""


def test_without_the_compiler_a_rule_is_the_plain_function():
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    command = [sys.executable, "-c", RULE]
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert answer.stdout.split("]") == ["[True, True, True", " 3.0\n"]


START = """
import sys
from benchmarks.measures import first_quarter
first_quarter(100)
print("scipy.linalg" in sys.modules)
import numba, numpy
print(numba.njit(lambda a: a @ a)(numpy.eye(3)).sum())
"""


def test_the_first_quarter_does_without_linear_algebra_and_others_still_find_it():
    if _compiled.SETTINGS.DISABLE_JIT:
        pytest.skip("nothing is compiled")
    answer = subprocess.run([sys.executable, "-c", START], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["False", "3.0"]


TAKE_IN = """
import numba, numpy
from sim.configuration.priors import draw_priors
from sim.loading import Loaded, load_code_alone
load_code_alone()
priors = numpy.arange(3), numpy.zeros(3), numpy.full(3, 0.5), numpy.ones(3)
alone, taken_in = numpy.empty(3), numpy.empty(3)
draw_priors(1, 2, *priors, alone)
library = next(iter(draw_priors.overloads.values())).library
read = [library._unread is None] if type(library) is Loaded else ["compiled"]
numba.njit(lambda *arguments: draw_priors(*arguments))(1, 2, *priors, taken_in)
print(*read, library._unread is None, (alone == taken_in).all(), library.get_pointer_to_function("nobody"))
"""


def test_what_others_need_to_take_in_a_kernel_is_read_when_they_do():
    if _compiled.SETTINGS.DISABLE_JIT:
        pytest.skip("nothing is compiled")
    for _ in range(2):  # whatever the first process finds, the second finds machine code on the disk
        answer = subprocess.run([sys.executable, "-c", TAKE_IN], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["False", "True", "True", "0"]


EDIT = """
from agents._compiled import STAMP
from agents.rules import double
from sim.kernels import fill
import numpy as np
values = np.zeros(2)
fill(values)
print(STAMP, values[0])
"""


def test_a_rule_edited_in_another_file_leaves_no_stale_kernel(tmp_path):
    """What numba's own cache gets wrong: it looks at the file of the kernel only."""
    for package in ("agents", "sim"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("")
    (tmp_path / "agents" / "_compiled.py").write_text((ROOT / "agents" / "_compiled.py").read_text())
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "sim" / "kernels.py").write_text(
        "from agents._compiled import kernel\nfrom agents.rules import double\n\n\n@kernel\ndef fill(values):\n"
        "    for i in range(len(values)):\n        values[i] = double(2.0)\n"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("NUMBA_", "PYTHON"))}
    answers = []
    for factor in ("2.0", "101.0", "2.0"):
        rule = f"from agents._compiled import rule\n\n\n@rule\ndef double(x):\n    return {factor} * x\n"
        (tmp_path / "agents" / "rules.py").write_text(rule)
        command = [sys.executable, "-B", "-c", EDIT]
        ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
        answers.append(ran.stdout.split())
    assert [value for _, value in answers] == ["4.0", "202.0", "4.0"]
    assert answers[0][0] == answers[2][0] != answers[1][0]
    assert len(list((tmp_path / ".numba").iterdir())) == 2


READ = "from agents._compiled import kernel\n\n\n@kernel\ndef read(values, place):\n    return values[place]\n"
ASK = """
import numpy as np
import agents.reading, sim.phases.reading, sim.reading
for module in (agents.reading, sim.phases.reading, sim.reading):
    try:
        print(int(module.read(np.arange(3), -1)))
    except IndexError as error:
        print(error)
"""


def test_rules_and_phases_never_count_from_the_end_and_others_may(tmp_path):
    """The compiler looks at the sign of an index where population and opening ask it to, and in checks of bounds."""
    for package in ("agents", "sim", "sim/phases"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("")
        (tmp_path / package / "reading.py").write_text(READ)
    (tmp_path / "agents" / "_compiled.py").write_text((ROOT / "agents" / "_compiled.py").read_text())
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("NUMBA_", "PYTHON"))}
    environment |= {"NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-B", "-c", ASK]
    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines() == ["index is out of bounds", "index is out of bounds", "2"]


def test_no_rule_or_phase_is_written_to_count_from_the_end():
    """What the compiler takes for granted."""
    for path in [*ROOT.glob("agents/*.py"), *ROOT.glob("sim/phases/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Subscript):
                below = isinstance(node.slice, ast.UnaryOp) and isinstance(node.slice.op, ast.USub)
                assert not below, f"{path.name}:{node.lineno}"
