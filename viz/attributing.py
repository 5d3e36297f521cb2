"""Shapley shares of a setting against another, from whole runs with the same luck; see `lvjin attribute`."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from experiments.commands_attribute import interaction_table, share_table
from experiments.questions.groups import Player, coalition_scenario, players_of
from experiments.questions.shapley import all_coalitions, exact_shares, interactions
from sim.scenario import Scenario
from viz.questions import Batch, Batches, Floats

FINEST_FIRST = ("instrument", "section", "chapter")
MOST_PLAYERS = 6  # 64 coalitions are run
FEWEST = 2  # replicates before there is an interval


@dataclass(frozen=True)
class Shared:
    """The worth of every coalition, shape (n_coalitions, n_replicates, n_numbers)."""

    players: tuple[Player, ...]
    worth: Floats

    @property
    def n(self) -> int:
        """Replicates that all coalitions have."""
        return int(self.worth.shape[1])

    def table(self, number: int) -> pd.DataFrame:
        """Shares by player of one of the numbers, with 95 % intervals; they add up to the effect."""
        worth = self._of(number)
        return share_table(self.players, exact_shares(worth, len(self.players)), worth)

    def pairs(self, number: int) -> pd.DataFrame:
        """What pairs of players add beyond their members, with 95 % intervals."""
        if len(self.players) < 2:
            return pd.DataFrame()
        return interaction_table(self.players, interactions(self._of(number), len(self.players)))

    def effect(self, number: int) -> float:
        """Mean effect of the whole."""
        return float((self.worth[-1] - self.worth[0])[:, number].mean())

    def _of(self, number: int) -> dict[int, Floats]:
        return dict(enumerate(self.worth[:, :, number]))


@dataclass(frozen=True)
class Attribution:
    """Which parts of a setting carry its effect.

    Attributes:
        first: the setting without it.
        second: the setting.
        replicates: of every coalition.
    """

    first: Scenario
    second: Scenario
    replicates: int

    @cached_property
    def players(self) -> tuple[Player, ...]:
        """The differences of the two, as finely grouped as there may be players; empty where they do not differ."""
        if self.first.steps == self.second.steps:
            return ()
        found: Sequence[Player] = ()
        for way in FINEST_FIRST:
            found = players_of(self.first, self.second, way)
            if len(found) <= MOST_PLAYERS:
                break
        return tuple(found)

    @cached_property
    def scenarios(self) -> tuple[Scenario, ...]:
        """One for each coalition, from nobody to all."""
        coalitions = all_coalitions(len(self.players))
        return tuple(coalition_scenario(self.first, self.second, self.players, one) for one in coalitions)

    @property
    def size(self) -> int:
        """Runs in all."""
        return len(self.scenarios) * self.replicates

    @property
    def key(self) -> tuple[object, ...]:
        """What decides the answer."""
        return "shares", self.first.digest(), self.second.digest(), self.replicates

    def batches(self) -> Batches:
        """All coalitions at once."""
        values = yield Batch("coalitions", self.scenarios, self.replicates)
        return Shared(self.players, values)

    def sketch(self, values: Floats) -> Shared | None:
        """Shares from the replicates that are there."""
        return Shared(self.players, values) if values.shape[1] >= FEWEST else None
