"""Places on the schematic map: circles packed into parks, parks pushed apart from where they lie.

Parks keep their directions; distances are stretched so that nothing covers anything. Same input, same places.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
GRAINS = 6000  # places that are tried for a circle
GOLDEN = 2.399963229728653  # angle between two of them
GAP = 1.04  # between circles, of the sum of their radii
ROUNDS = 400  # of pushing apart


@lru_cache(maxsize=256)
def packed(radii: tuple[float, ...]) -> tuple[tuple[tuple[float, float], ...], float]:
    """Places of circles around the origin, the largest in the middle, and the radius that holds them all.

    Args:
        radii: of the circles, in any order.

    Returns:
        A place for each circle, and the radius.
    """
    if not radii:
        return (), 0.0
    order = np.argsort(-np.array(radii), kind="stable")
    reach = 1.5 * float(np.sqrt(np.square(radii).sum())) + 2.0 * max(radii)
    grain = np.arange(GRAINS)
    tries = (reach * np.sqrt(grain / GRAINS))[:, None] * np.stack(
        [np.cos(GOLDEN * grain), np.sin(GOLDEN * grain)], axis=1
    )
    places = np.zeros((len(radii), 2))
    for n, circle in enumerate(order):
        put = order[:n]
        apart = np.linalg.norm(tries[:, None, :] - places[put][None], axis=2)
        room = np.array([radii[other] + radii[circle] for other in put]) * GAP
        places[circle] = tries[np.argmax((apart >= room).all(axis=1))]
    sizes = np.array(radii)
    places -= middle(places, sizes)
    outer = float((np.linalg.norm(places, axis=1) + sizes).max())
    return tuple((float(x), float(y)) for x, y in places), outer


def middle(places: Floats, radii: Floats) -> Floats:
    """Centre of a small circle around circles: walked towards the farthest one by ever shorter steps."""
    centre = np.zeros(2)
    for walked in range(200):
        away = places - centre
        distance = np.linalg.norm(away, axis=1)
        far = int(np.argmax(distance + radii))
        if distance[far] > 0.0:
            centre = centre + away[far] / (2.0 + walked)
    return centre


def spread_out(places: Floats, radii: Sequence[float], width: float, height: float) -> Floats:
    """Places of circles that do not touch, inside a box, as near to where they were as pushing allows.

    Args:
        places: (n, 2), in any unit, north up.
        radii: in units of the box.
        width: of the box.
        height: of the box.

    Returns:
        Centres (n, 2), measured from the upper left corner of the box, down.
    """
    sizes = np.array(radii)
    low, high = places.min(axis=0), places.max(axis=0)
    share = (places - low) / np.where(high > low, high - low, 1.0)
    box = np.array([width, height])
    inner = box - 2.0 * sizes.max()
    found = sizes.max() + np.stack([share[:, 0], 1.0 - share[:, 1]], axis=1) * inner
    for _ in range(ROUNDS):
        for i in range(len(found)):
            for j in range(i):
                apart = found[i] - found[j]
                distance = float(np.hypot(*apart)) or 1.0
                lacking = GAP * (sizes[i] + sizes[j]) - distance
                if lacking > 0.0:
                    push = apart / distance * lacking / 2.0
                    found[i] += push
                    found[j] -= push
        found = np.clip(found, sizes[:, None], box - sizes[:, None])
    return found
