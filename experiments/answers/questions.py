"""The questions that `make answers` asks, each as one would type it: large enough for honest intervals, and no larger.

About 11,000 runs of 5,000 firms, a quarter of an hour on two cores.
"""

from typing import NamedTuple

from sim.configuration.posterior import posterior_digest
from sim.results.provenance import ROOT

FOLDER = ROOT / "results" / "answers"
RUN, DRAWS = "results/answers/run", "results/answers/draws"  # what other questions read


class Question(NamedTuple):
    """A command, and what of its answer is put into the documentation.

    Attributes:
        name: of its folder and of its part of the page.
        words: of the command.
        figures: that the page shows.
        kept: files of its folder that are put beside the page.
        drawn: whether its replicates draw parameters, from the posterior if there is one.
        own: whether it writes a folder of its own; the others work in that of `run`.
    """

    name: str
    words: tuple[str, ...]
    figures: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    drawn: bool = True
    own: bool = True

    @property
    def command(self) -> str:
        """What one types."""
        return " ".join(("lvjin", *self.words))

    @property
    def posterior(self) -> str:
        """SHA-256 of the posterior that its replicates are drawn from; empty without one."""
        return posterior_digest(ROOT / "configs") if self.drawn else ""


def design(name: str) -> str:
    """The path of an example, as one types it."""
    return f"configs/designs/{name}.yaml"


QUESTIONS = (
    Question("run", ("run", "baseline", "plan", "--replicates", "200")),
    Question("publish", ("publish", RUN), kept=("seal.json", "DICTIONARY.md", "METHODS.md", "report.html"), own=False),
    Question("verify", ("verify", RUN, "--sample", "5"), own=False),
    Question("draws", ("run", "plan", "--replicates", "600")),
    Question("discover", ("discover", DRAWS, "--at-most", "400"), ("knowing", "box"), ("knowing.csv", "box.csv")),
    Question("compare", ("compare", "baseline", "plan", "--replicates", "100"), ("revenue_difference",)),
    Question("mechanisms", ("sweep", design("mechanisms_off"))),
    Question(
        "attribute",
        ("attribute", "plan", "--by", "chapter", "--replicates", "40"),
        ("shares",),
        ("shares.csv", "interactions.csv"),
    ),
    Question(
        "sensitivity",
        ("sensitivity", design("assumptions_screening"), "--size", "256", "--top", "4"),
        ("sensitivity",),
        ("effects.csv", "indices.csv"),
        drawn=False,  # central parameters, but for the factors
    ),
    Question("strengths", ("sweep", design("plan_strengths"))),
    Question(
        "search",
        (
            *("search", design("plan_strengths"), "--chance", "0.5", "--size", "32", "--generations", "4"),
            *("--fresh", "200", "--finalists", "5"),
        ),
        ("front",),
        ("finalists.csv", "packages.csv"),
    ),
    Question("grid", ("sweep", design("grant_and_carbon_price"))),
)
