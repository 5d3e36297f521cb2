"""What all visitors of one server share: the engine, and the size of every run."""

import os
import threading
from functools import cached_property

from viz.engine import Engine
from viz.inquiries import Inquiries
from viz.view import View, scenario_of

PREFIX = "LVJIN_APP_"
PART, FEWEST = 5, 4  # a question takes this part of a run's replicates, and this many at least


class Service:
    """Size of the runs and of the queue, from the environment, and the engine, made when first needed."""

    def __init__(self) -> None:
        self.firms = self._number("FIRMS", 5000)
        self.replicates = self._number("REPLICATES", 100)
        self.seed = self._number("SEED", 1)
        self.queue = self._number("QUEUE", 64)
        self.seconds = self._number("SECONDS", 120)
        self._making = threading.Lock()

    @staticmethod
    def _number(name: str, usual: int) -> int:
        return int(os.environ.get(f"{PREFIX}{name}", usual))

    @property
    def engine(self) -> Engine:
        """The one engine."""
        with self._making:
            return self._engine

    @cached_property
    def _engine(self) -> Engine:
        return Engine(replicates=self.replicates, most_jobs=self.queue, seconds=self.seconds)

    @property
    def inquiries(self) -> Inquiries:
        """The one desk for questions."""
        with self._making:
            return self._inquiries

    @cached_property
    def _inquiries(self) -> Inquiries:
        return Inquiries(self._engine)

    @property
    def few(self) -> int:
        """Replicates of each run of a question of many runs."""
        return max(FEWEST, self.replicates // PART)

    def prepare(self) -> None:
        """Run what every visitor sees first."""
        first = View()
        for name in (first.scenario, "baseline"):
            self.engine.prepare(scenario_of(name, (), first.until, self.firms, self.seed))


SERVICE = Service()
