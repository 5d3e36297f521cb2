"""Codes as words, without a text for every row."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def worded(codes: NDArray[Any], words: Sequence[str]) -> Any:
    """A pandas Categorical of the words at these places."""
    return pd.Categorical.from_codes(codes.astype(np.int64), categories=pd.Index(list(words), dtype="str"))
