"""What is wrong with a user's input, told so that it can be put right: where, what was found, what is allowed.

Mistakes are collected, never reported one at a time: a file with five of them needs one reading, not five.
"""

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

LONGEST_QUOTE = 60  # characters of a wrong value that are shown


class Problem(NamedTuple):
    """One mistake in a file, or in a value given on the command line (then `line` is None)."""

    file: str
    line: int | None
    key: str
    found: str
    allowed: str
    suggestion: str = ""

    def sentence(self) -> str:
        """The mistake on one line: `file:line: key: found …; allowed: …. Suggestion.`"""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        what = f"found {self.found}; allowed: {self.allowed}."
        parts = [place, self.key, what] if self.key else [place, what]
        sentence = ": ".join(parts)
        return " ".join(f"{sentence} {self.suggestion}".splitlines()).rstrip()


class ConfigError(ValueError):
    """Everything that is wrong with the configuration; the text has one line for each problem."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(problem.sentence() for problem in self.problems)


def refuse_if(problems: Sequence[Problem]) -> None:
    """Raise `ConfigError` when there are problems, each told once and in the order of files and lines."""
    if problems:
        unique = dict.fromkeys(problems)
        raise ConfigError(sorted(unique, key=lambda problem: (problem.file, problem.line or 0)))


def quoted(value: object) -> str:
    """A value as shown in a message: its Python form, shortened and on one line."""
    text = repr(value)
    return text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"


def did_you_mean(word: object, words: Iterable[str]) -> str:
    """`Did you mean X?` for the closest of the words, or an empty text when none is close.

    Also finds a key whose last part is meant: `grant.share` for `policy.retrofit_grant.share`.
    """
    wanted = str(word)[:200].lower().replace("-", "_")
    choices = {choice.lower(): choice for choice in words}
    close = difflib.get_close_matches(wanted, choices, n=1, cutoff=0.6)
    if not close:
        endings: dict[str, str] = {}
        for choice in choices:
            endings.setdefault(choice.rpartition(".")[2], choice)
        close = [endings[e] for e in difflib.get_close_matches(wanted.rpartition(".")[2], endings, n=1, cutoff=0.8)]
    return f"Did you mean {choices[close[0]]}?" if close else ""


def one_of(words: Iterable[str], most: int = 12) -> str:
    """The words as `a, b or c`, or the first of them when there are many."""
    listed = [str(word) for word in words]
    if len(listed) > most:
        return ", ".join(listed[:most]) + f" … ({len(listed)} in all)"
    return " or ".join(filter(None, [", ".join(listed[:-1]), *listed[-1:]]))


def shown(path: Path, root: Path | None = None) -> str:
    """A path as messages show it: from the folder that holds `root`, where it lies in there, otherwise as given."""
    if root is not None:
        try:
            return str(path.resolve().relative_to(root.resolve().parent))
        except ValueError:
            pass
    return str(path)


def read_bytes(path: Path, file: str, largest: int, problems: list[Problem]) -> bytes:
    """The bytes of a small file; a file that is missing, unreadable or too large is a problem and reads as empty."""
    try:
        size = path.stat().st_size
        if size <= largest and path.is_file():
            return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no such file"
        problems.append(Problem(file, None, "", f"no readable file ({reason})", "a readable file"))
        return b""
    found = "a folder or device" if size <= largest else f"{size} bytes"
    problems.append(Problem(file, None, "", found, f"a file of at most {largest} bytes"))
    return b""


def decoded(raw: bytes, file: str, problems: list[Problem]) -> str:
    """The text of UTF-8 bytes, with or without byte order mark; the encoding is never guessed."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        hint = "Save the file as UTF-8 (in a spreadsheet: 'CSV UTF-8')."
        problems.append(Problem(file, line, "", "bytes that are not UTF-8", "UTF-8 text", hint))
        return ""
