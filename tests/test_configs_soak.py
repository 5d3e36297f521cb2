"""A hundred thousand spoilt configuration files: each is refused in words or accepted, none ends in a traceback."""

import random
import signal
import time
from functools import partial
from pathlib import Path

import conftest
import pytest
from soaking import soak

from experiments import commands_check
from sim.configuration.problems import ConfigError

FILES, LONGEST = 100_000, 1.0  # seconds of the processor that one file may take; after ten times as many it is ended
KINDS = ("scenarios", "designs", "policy")
NASTY = [
    *(
        "nan",
        ".inf",
        "-.inf",
        "1e999",
        "-1e308",
        "1e-320",
        "0x10",
        "0b1",
        "012",
        "1:30",
        "1_000",
        "9" * 400,
        "-0",
        "1e3",
    ),
    *("no", "Yes", "~", "null", "''", '"', "'", "!!int ''", "!!float x", "!!python/object:os.system x", "!!binary x"),
    *("2021-13-45", "2021-02-30", "0000-00-00", "9999-12-31", "2021Q5", "&a [*a]", "*b", "<<: *a", "? - x", "%TAG ! x"),
    *("[" * 300, "{" * 300, "- " * 200, "\t", "\u0000", "\ufeff", "\u2028", "\U0001f33f", "绿津", "\ud7ff", "#", ": :"),
    *("policy.carbon_price.price", "model.lending", "T01", "plan", "../../etc", "1e9999999", "0.1.2", "---", "..."),
]
record = partial(soak, script=__file__)


def spoilt(text: str, chance: random.Random) -> str:
    """A file with a few mistakes in it: characters, words or lines lost, doubled, moved or replaced."""
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        lines = text.split("\n")
        at, kind = chance.randrange(len(lines)), chance.randrange(8)
        if kind == 0:
            place = chance.randrange(len(text) + 1)
            text = text[:place] + chance.choice(NASTY) + text[place + chance.randrange(4) :]
            continue
        if kind == 1:
            del lines[at]
        elif kind == 2:
            lines.insert(at, lines[chance.randrange(len(lines))])
        elif kind == 3:
            lines[at] = " " * chance.randrange(5) + lines[at].lstrip()
        elif kind == 4:
            head, mark, _ = lines[at].partition(":")
            lines[at] = f"{head}{mark} {chance.choice(NASTY)}"
        elif kind == 5:
            head, mark, tail = lines[at].partition(":")
            lines[at] = f"{chance.choice(NASTY)}{mark}{tail}"
        elif kind == 6:
            lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]
        else:
            lines[at] = lines[at].replace(
                *chance.choice((("0", "-1"), (".", ","), (":", ""), ('"', ""), ("1", "1e400")))
            )
        text = "\n".join(lines)
        if not text:
            break
    return text


@pytest.mark.soak
def test_no_spoilt_file_ends_in_a_traceback(tmp_path, monkeypatch):
    for reader in ("read_units", "read_sources"):  # these files are as they were, and read once
        content = getattr(commands_check, reader)(conftest.ROOT / "configs", [])
        monkeypatch.setattr(commands_check, reader, lambda root, problems, content=content: content)
    chance, slowest, refused = random.Random(11), 0.0, 0
    originals = [path for kind in KINDS for path in sorted((conftest.ROOT / "configs" / kind).glob("*.yaml"))]
    folders = {kind: tmp_path / kind for kind in KINDS}
    for folder in folders.values():
        folder.mkdir()
    texts = [(path, path.read_text(encoding="utf-8")) for path in originals]
    for path in originals:
        assert checked(path)[0] == "accepted"
    with record("Spoilt configuration files", "被破坏的配置文件", seed=11) as found:
        for number in range(FILES):
            path, text = chance.choice(texts)
            file = folders[path.parent.name] / path.name
            raw = spoilt(text, chance).encode("utf-8", "surrogatepass")
            if chance.random() < 0.05:
                raw = (
                    raw[: chance.randrange(len(raw) + 1)] + chance.randbytes(3) + raw[chance.randrange(len(raw) + 1) :]
                )
            file.write_bytes(raw)
            outcome, seconds = checked(file)
            found.trial()
            slowest, refused = max(slowest, seconds), refused + (outcome == "refused")
            found.check(outcome in ("refused", "accepted"), f"{number} {path.name}: {outcome}: {raw[:2000]!r}")
            found.check(seconds < LONGEST, f"{number} {path.name}: {seconds:.1f} s")
            found.told = {"refused": refused, "accepted": number + 1 - refused, "slowest_seconds": round(slowest, 3)}


def checked(file: Path) -> tuple[str, float]:
    """What `lvjin check` does with a file, and the processor time that it takes."""
    signal.signal(signal.SIGPROF, overdue)
    signal.setitimer(signal.ITIMER_PROF, 10 * LONGEST)
    started = time.process_time()
    try:
        commands_check.check_files([file], quiet=True)
        outcome = "accepted"
    except ConfigError as error:
        outcome = "refused" if str(error).strip() else "refused without a word"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
        outcome = f"{type(error).__name__}: {error}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return outcome, time.process_time() - started


def overdue(*_: object) -> None:
    """End a check that hangs."""
    raise TimeoutError("it hangs")


def test_mistakes_are_made_and_found(tmp_path):
    """So that the soak says something: most of its files are wrong, and a wrong one is refused."""
    text, chance = (conftest.ROOT / "configs" / "scenarios" / "plan.yaml").read_text(encoding="utf-8"), random.Random(1)
    assert sum(spoilt(text, chance) != text for _ in range(50)) > 40
    (tmp_path / "scenarios").mkdir()
    file = tmp_path / "scenarios" / "wrong.yaml"
    file.write_text(text.replace("changes:", "chances:"), encoding="utf-8")
    assert checked(file)[0] == "refused"
    file.write_text(text, encoding="utf-8")
    assert checked(file)[0] == "accepted"
