"""The house rules hold for every file, and each rule is shown to catch what it forbids."""

import subprocess
import tomllib
from pathlib import Path

import conftest
import house
import pytest

ROOT = conftest.ROOT
LOCKS = ("requirements.lock", "requirements-app.lock", "requirements-test.lock")
PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
PROJECT = tomllib.loads(PYPROJECT)["project"]
EXTRAS = [item for group in PROJECT["optional-dependencies"].values() for item in group]
LONGEST_FILE = 400


def project_files() -> list[Path]:
    """Return what is or would be committed: a mistake is found before the commit, too."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    return [ROOT / name for name in sorted(filter(None, names)) if (ROOT / name).is_file()]


def modules(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def text_of(path: Path) -> str:
    content = path.read_bytes()
    return "" if b"\0" in content else content.decode("utf-8")


def findings(paths: list[Path], rule) -> list[str]:
    return [f"{name_of(path)}: {found}" for path in paths for found in rule(text_of(path))]


def test_no_file_names_a_registry_or_a_folder_of_one_machine():
    paths = project_files()
    assert ROOT / "pyproject.toml" in paths
    assert findings(paths, house.addresses) == []


@pytest.mark.parametrize(
    "text", ["--extra-index" + "-url x", "see files.python" + "hosted.org", "open('/wo" + "rk/a')"]
)
def test_an_address_is_found(text):
    assert house.addresses(text)


@pytest.mark.parametrize(
    "text", ["see page/ho" + "me/index", "docs/wo" + "rk/plan.md", "$HO" + "ME/wo" + "rk/x", "a/t" + "mp/b"]
)
def test_a_harmless_path_is_not_an_address(text):
    assert house.addresses(text) == []


def test_rules_and_kernels_compute_the_same_bits_on_every_machine():
    assert findings(modules("agents", "sim"), house.forbidden_arithmetic) == []


@pytest.mark.parametrize(
    "source",
    [
        "import math\ny = math.exp(x)",
        "from math import log",
        "y = np.log1p(x)",
        "y = numpy.power(x, 2)",
        "np.random.seed(1)",
        "from numpy.random import default_rng",
        "import random",
        "y = x ** 2",
        "x **= 0.5",
        "y = pow(x, 2)",
    ],
)
def test_machine_bound_arithmetic_is_found(source):
    assert house.forbidden_arithmetic(source)


@pytest.mark.parametrize("source", ["f(**options)", "BIG = 2**20", "y = math.sqrt(x)", "y = power(x, 2.0)"])
def test_exact_arithmetic_is_allowed(source):
    assert house.forbidden_arithmetic(source) == []


def test_no_compiler_flag_reorders_arithmetic():
    assert findings(modules(*conftest.PACKAGES), house.loose_compilation) == []


@pytest.mark.parametrize(
    "source", ["njit(fastmath=True)(f)", "njit(parallel=True)", "O = {'fastmath': X}", "nb.prange(9)"]
)
def test_a_loose_flag_is_found(source):
    assert house.loose_compilation(source)


def test_a_flag_switched_off_is_allowed():
    assert house.loose_compilation("njit(fastmath=False)(f)") == []


def test_files_stay_short_enough_to_read():
    lengths = {name_of(path): len(text_of(path).splitlines()) for path in modules("agents", "sim", "experiments")}
    assert lengths
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_every_dependency_says_why():
    assert house.unexplained(PROJECT["dependencies"] + EXTRAS, PYPROJECT) == []


@pytest.mark.parametrize("line", ['    "numpy>=2",', '    "numpy>=2", #', '    "numpy>=2", # fast'])
def test_a_dependency_without_a_reason_is_found(line):
    assert house.unexplained(["numpy>=2"], line) == ["numpy>=2"]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address_and_hashes_everything(lock):
    text = text_of(ROOT / lock)
    assert house.locked(text)
    assert house.loose_locks(text) == []


@pytest.mark.parametrize("text", ["a==1", "a @ file:x \\\n    --hash=sha256:" + "0" * 64, "--find-links x\na==1"])
def test_a_loose_lock_is_found(text):
    assert house.loose_locks(text)


@pytest.mark.parametrize(
    ("lock", "items"),
    [
        (LOCKS[0], PROJECT["dependencies"]),
        (LOCKS[1], PROJECT["optional-dependencies"]["app"]),
        (LOCKS[2], PROJECT["optional-dependencies"]["test"]),
    ],
)
def test_the_lock_is_as_new_as_the_dependencies(lock, items):
    assert house.stale(items, text_of(ROOT / lock)) == [], "run `make lock`"


@pytest.mark.parametrize("text", ["", "numpy==1.26.4", "numpy==2.4.6\nnumpy==1.26.4"])
def test_a_stale_lock_is_found(text):
    assert house.stale(["NumPy>=2"], text) == ["NumPy>=2"]


def test_what_is_tested_is_what_runs():
    run, app, test = (house.locked(text_of(ROOT / lock)) for lock in LOCKS)
    for used in (run, app):
        assert {name: versions for name, versions in used.items() if not set(versions) <= set(test.get(name, []))} == {}


def test_another_distributions_package_is_found(tmp_path):
    assert conftest.foreign_packages(("sim",), tmp_path)
    assert conftest.foreign_packages(("sim",), ROOT) == []
