"""How numbers of the page are written."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

MILLISECONDS = 1000.0  # in a second


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Lines of Markdown: words on the left, numbers to the right of them."""
    yield f"| {' | '.join(columns)} |"
    yield f"| --- |{' ---: |' * (len(columns) - 1)}"
    for cells in rows:
        yield f"| {' | '.join(cells)} |"


def number(value: float) -> str:
    """Three digits."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def milliseconds(seconds: float) -> str:
    """Thousandths of a second, not finer than a hundredth of one."""
    value = seconds * MILLISECONDS
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def largest(parts: Mapping[str, float], most: int) -> dict[str, float]:
    """The largest parts in their order, and the sum of all others."""
    order = sorted(parts, key=lambda name: -parts[name])
    found = {name: parts[name] for name in order[:most]}
    if others := order[most:]:
        found[f"{len(others)} others"] = sum(parts[name] for name in others)
    return found
