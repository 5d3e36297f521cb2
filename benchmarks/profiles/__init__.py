"""Where time and bytes go: a short profile for every mark of the table, so that one which is missed is explained.

Printed by `make bench` for the lines that miss their aim; alone by `python -m benchmarks.profiles [NAME …]`.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple


class Profile(NamedTuple):
    """A section of the page.

    Attributes:
        title: words and spaces only.
        measure: measures, and yields the lines.
    """

    title: str
    measure: Callable[[], Iterator[str]]

    @property
    def anchor(self) -> str:
        """Where the page's reader makes the heading known."""
        return self.title.lower().replace(" ", "-")

    def section(self) -> Iterator[str]:
        """Heading and lines, as they come."""
        yield f"### {self.title}"
        yield ""
        yield from self.measure()
