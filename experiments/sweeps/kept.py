"""What a sweep keeps in memory of its shards: the variables and years that the design asks for, and the failures."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.designs.design_file import DesignFile
from experiments.sweeps.model_work import values_of, variable_places
from experiments.sweeps.store import DONE, Shard
from sim.configuration.periods import FIRST_YEAR, quarter_index


class Kept:
    """Values or failures of runs, by key.

    Attributes:
        years: that are kept.
        variables: that are kept.
        values: by key, shape (n_years, n_variables).
        failures: headers of failed runs by key.
    """

    def __init__(self, design: DesignFile) -> None:
        complete = (quarter_index(design.until) + 1) // 4
        self.years: Sequence[int] = design.years or [FIRST_YEAR + year for year in range(complete)]
        self.variables: Sequence[str] = sorted(set(design.variables))
        self.values: dict[str, NDArray[np.float64]] = {}
        self.failures: dict[str, Mapping[str, Any]] = {}
        places = variable_places()
        self._rows = [year - FIRST_YEAR for year in self.years]
        self._columns = [places[name] for name in self.variables]

    def take(self, shard: Shard) -> None:
        """Keep what is wanted of a shard."""
        if shard.status == DONE:
            values = values_of(shard.header, shard.payload)
            self.values[shard.key] = values[np.ix_(self._rows, self._columns)]
        else:
            self.failures[shard.key] = shard.header
