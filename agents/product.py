"""Whether a firm turns capacity from its ordinary product to its green one, and how fast.

Engine parts become parts of electric vehicles, boards are made of ash and gypsum, food becomes green food: each
product of products.csv has one way in. The decision follows expected margin and the growth of the two markets.
"""

from typing import NamedTuple

from agents._compiled import rule
from agents.mathematics import logistic


class ConversionRules(NamedTuple):
    """Numbers of configs/conversion.yaml."""

    base_hazard: float  # 1/yr, conversions a year of firms that find the two products equally good
    advantage_slope: float  # of the logit on the yearly advantage of the green product, per share of sales
    step: float  # share of ordinary capacity that one project turns
    horizon: float  # yr, over which growth is looked ahead
    peer_weight: float  # logit per unit share of the sector's makers that already sell the green product


@rule
def conversion_advantage(margin_premium: float, green_growth: float, brown_growth: float, horizon: float) -> float:
    """How much better the green product looks, share of sales: dearer sales and the sales the market adds."""
    return margin_premium + (green_growth - brown_growth) * horizon


@rule
def conversion_probability(advantage: float, cost_share: float, peer_share: float, rules: ConversionRules) -> float:
    """Chance of starting a conversion this quarter; `cost_share` is the yearly cost of the project over its sales."""
    worth = rules.advantage_slope * (advantage - cost_share) + rules.peer_weight * peer_share
    return 0.5 * rules.base_hazard * logistic(worth)
