"""YAML for configuration: a small, safe part of the language, with line numbers and without surprises.

Whatever YAML 1.1 and 1.2 read differently (`1e3`, `012`, `no`, `1:30`) is refused with what to write instead, and so
are duplicate keys, aliases, tags and very large or deep files. No input makes the reader raise or hang: it appends to
a list of problems. Source: YAML 1.1 and 1.2 specifications.
"""

import math
import re
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from sim.configuration.problems import Problem, decoded, quoted, read_bytes

LARGEST_FILE = 1 << 20  # bytes
DEEPEST = 32  # levels of nesting
MOST_NODES = 100_000

# libyaml is ten times faster where PyYAML was built with it; both give the same events.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PARSER_LEAKS = (yaml.YAMLError, ValueError, TypeError, AttributeError, LookupError, RecursionError, OverflowError)

_NULLS = {"", "~", "null", "Null", "NULL"}
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_SWITCHES = {"on", "off"}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_LONG_INTEGER = re.compile(r"[-+]?[0-9]{19,}")
_FLOAT = re.compile(r"[-+]?(0|[1-9][0-9]*)\.[0-9]*([eE][-+][0-9]+)?|\.[0-9]+([eE][-+][0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER_1_2 = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+")
_BOOLEAN_1_1 = {"y", "Y", "n", "N"}  # in the specification, though not in every reader

KeyPath = tuple[str, ...]


class Document(NamedTuple):
    """What a file says: the content, and the line of every key by its path."""

    content: Any
    lines: dict[KeyPath, int]

    def line(self, *path: object) -> int | None:
        """Line of a key, or of the closest key above it."""
        keys = tuple(str(part) for part in path)
        while keys and keys not in self.lines:
            keys = keys[:-1]
        return self.lines.get(keys)


def read_yaml(path: Path, file: str, problems: list[Problem]) -> Document:
    """Read one file; `file` is its name in messages. What is wrong is appended to `problems`."""
    return parse_yaml(read_bytes(path, file, LARGEST_FILE, problems), file, problems)


def parse_yaml(raw: bytes, file: str, problems: list[Problem]) -> Document:
    """Read YAML from bytes; an unreadable text gives an empty mapping and at least one problem."""
    builder = _Builder(file, problems)
    if len(raw) > LARGEST_FILE:
        problems.append(Problem(file, None, "", f"{len(raw)} bytes", f"at most {LARGEST_FILE} bytes"))
        return Document({}, {})
    try:
        for event in yaml.parse(decoded(raw, file, problems), Loader=_LOADER):
            builder.take(event)
    except _RefusedError:
        return Document({}, builder.lines)
    except _PARSER_LEAKS as error:
        problems.append(_syntax_problem(error, file))
        return Document({}, builder.lines)
    return Document({} if builder.root is None else builder.root, builder.lines)


def number_text(number: float) -> str:
    """A number written so that every YAML reader takes it for the same number."""
    if number == int(number) and abs(number) < 1e15:
        return str(int(number))
    return re.sub(r"^(-?[0-9]+)e", r"\1.0e", repr(number))


class _RefusedError(Exception):
    """The rest of the file is not worth reading."""


def _syntax_problem(error: Exception, file: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or getattr(error, "reason", None) or "text that the parser cannot read"
    line = mark.line + 1 if mark else None
    return Problem(file, line, "", f"no YAML ({what})", "lines of `key: value`, indented by spaces")


class _Container:
    """A mapping or a sequence that is being filled."""

    def __init__(self, content: Any, path: KeyPath) -> None:
        self.content = content
        self.path = path
        self.key: Any = None
        self.has_key = False
        self.keep = True
        self.seen: set[str] = set()


class _Builder:
    """Makes plain values from parser events, iteratively, so that no depth of nesting can exhaust the stack."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.file = file
        self.problems = problems
        self.lines: dict[KeyPath, int] = {}
        self.root: Any = None
        self.stack: list[_Container] = []
        self.nodes = 0
        self.documents = 0

    def take(self, event: yaml.Event) -> None:
        """Take one event of the parser."""
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.ScalarEvent):
            self._check_node(event, line)
            self._put(self._scalar(event, line), line)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._check_node(event, line)
            self._open({} if isinstance(event, yaml.MappingStartEvent) else [], line)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self.stack.pop()
        elif isinstance(event, yaml.AliasEvent):
            self._complain(line, f"the alias *{event.anchor}", "values written out", "Copy the value here.")
            self._put(None, line)
        elif isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self._complain(line, "a second document after `---`", "one document in a file")
                raise _RefusedError

    def _check_node(self, event: Any, line: int) -> None:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            self._complain(line, f"more than {MOST_NODES} values", f"at most {MOST_NODES}")
            raise _RefusedError
        if event.tag is not None:
            self._complain(line, f"the tag {quoted(event.tag)}", "plain values without tags", "Remove the tag.")

    def _open(self, content: Any, line: int) -> None:
        if len(self.stack) >= DEEPEST:
            self._complain(line, f"more than {DEEPEST} levels of nesting", f"at most {DEEPEST}")
            raise _RefusedError
        parent = self.stack[-1] if self.stack else None
        if parent and isinstance(parent.content, dict) and not parent.has_key:
            self._complain(line, "a list or mapping as a key", "a word as a key")
            raise _RefusedError
        path = self._put(content, line)
        self.stack.append(_Container(content, path))

    def _put(self, value: Any, line: int) -> KeyPath:
        """Put a value where it belongs and return its path; the first of a mapping's pair becomes the key."""
        if not self.stack:
            self.root = value
            return ()
        parent = self.stack[-1]
        if isinstance(parent.content, list):
            path = (*parent.path, str(len(parent.content)))
            parent.content.append(value)
            self.lines[path] = line
            return path
        if not parent.has_key:
            return self._take_key(parent, value, line)
        parent.has_key = False
        if parent.keep:
            parent.content[parent.key] = value
        return (*parent.path, str(parent.key))

    def _take_key(self, parent: _Container, value: Any, line: int) -> KeyPath:
        path = (*parent.path, str(value))
        parent.key, parent.has_key, parent.keep = value, True, str(value) not in parent.seen
        parent.seen.add(str(value))
        if not parent.keep:
            first = self.lines.get(path)
            key = ".".join(path)
            self._complain(line, "the same key a second time", f"each key once (first on line {first})", key=key)
        self.lines.setdefault(path, line)
        return path

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> Any:
        as_key = bool(self.stack) and isinstance(self.stack[-1].content, dict) and not self.stack[-1].has_key
        text = str(event.value)
        if event.style:  # quoted or a block
            return text
        value, complaint = plain_scalar(text)
        if complaint:
            self._complain(line, complaint, "a value that every YAML reader reads alike", _instead_of(text))
        if not as_key:
            return value
        if value is None:
            self._complain(line, "an empty key", "a word as a key")
        return value if isinstance(value, date) else text

    def _complain(self, line: int, found: str, allowed: str, suggestion: str = "", key: str = "") -> None:
        if not key and self.stack:
            top = self.stack[-1]
            key = ".".join((*top.path, str(top.key)) if top.has_key else top.path)
        self.problems.append(Problem(self.file, line, key, found, allowed, suggestion))


def plain_scalar(text: str) -> tuple[Any, str]:
    """Value of an unquoted text, and what is wrong with it (empty when nothing is)."""
    if text in _NULLS:
        return None, ""
    if text in _BOOLEANS:
        return _BOOLEANS[text], ""
    if _INTEGER.fullmatch(text):
        return int(text), ""
    if _FLOAT.fullmatch(text):
        number = float(text)
        return (number, "") if math.isfinite(number) else (text, f"{quoted(text)}, which is not a finite number")
    if _DATE.fullmatch(text):
        return _day(text)
    if _LONG_INTEGER.fullmatch(text):
        return text, f"{quoted(text)}, which has more digits than a number may have"
    if text not in _SWITCHES and (_is_special_1_1(text) or _NUMBER_1_2.fullmatch(text)):
        return text, f"{quoted(text)}, which readers of YAML 1.1 and 1.2 take for different things"
    return text, ""


def _day(text: str) -> tuple[Any, str]:
    try:
        return date.fromisoformat(text), ""
    except ValueError:
        return text, f"{quoted(text)}, which is no day of the calendar"


def _is_special_1_1(text: str) -> bool:
    resolvers = yaml.SafeLoader.yaml_implicit_resolvers.get(text[0], [])
    return text in _BOOLEAN_1_1 or any(pattern.match(text) for _, pattern in resolvers)


def _instead_of(text: str) -> str:
    quotes = f"'{text}' in quotes if a text is meant" if len(text) <= 40 and "'" not in text else "a text in quotes"
    if text.lower() in {"yes", "no", "y", "n", "on", "off"}:
        return f"Write on or off for a switch, {quotes}."
    try:
        number = float(text) if len(text) <= 40 else math.inf
    except ValueError:
        number = math.inf
    if math.isfinite(number) and "_" not in text:
        return f"Write {number_text(number)} for the number, {quotes}."
    return f"Write {quotes}."
