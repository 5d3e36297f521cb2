"""Whether two firms pass a by-product on, at what price, and for how long.

A link is worth what the taker saves on the input it replaces, less processing and transport, above what the giver
would get or pay without the link; the partners share it. Links form with a hazard that rises with worth and falls with
distance (Jensen et al. 2011: half of the trucked synergies lie within 33 km), and fail with one of their own.
Quantities are kilograms (a cubic metre of water is 1,000; heat is steam-equivalent), prices yuan of 2020 per tonne.
"""

from typing import NamedTuple

from agents._compiled import rule
from agents._rows import Code, Flag, Number, Row
from agents.mathematics import exp

BASES = ("output", "coal", "fuel", "electricity", "water", "waste", "cod")  # what a quantity scales with, by its code
WASTE_CLASSES = ("industrial_solid", "hazardous", "farm", "municipal", "recyclable", "water", "heat", "gas")
INDUSTRIAL_SOLID = 0
FEN_PER_KG = 0.1  # fen a kilogram at one yuan a tonne
NO_LINK, OPENING_LINK, FIRST_LINK = 0, 1, 2  # a link is 0, 1 if it stood in 2020, or 2 + the quarter of its agreement


class SymbiosisRules(NamedTuple):
    """Numbers of configs/symbiosis.yaml."""

    base_formation: float  # 1/yr, hazard of a pair on the spot that gains without bound
    half_worth: float  # 万元 a year of gain at which the hazard is half of that
    distance_decay: float  # 1/km, trucked streams
    same_park_ratio: float  # hazard inside a park over that outside
    giver_share: float  # of the gain and of the set-up cost
    link_life: float  # yr over which the set-up is written off
    failure_ratio: float  # on the failure hazards of streams.csv
    outside_premium: float  # price of material from outside suppliers over that of outside takers
    outside_haul: float  # km it is carried
    outside_margin: float  # of the base year's need, what outside suppliers can send beyond what they sent then
    other_waste_used: float  # used share of industrial solid waste that no stream describes


class Stream(Row):
    """One by-product stream, shape (n_streams,): streams.csv with one draw of its price."""

    price: Number  # yuan/t outside; below zero the giver pays
    disposal_cost: Number  # yuan/t
    waste_tax: Number  # yuan/t, national rates
    setup_capex: Number  # yuan per t a year
    transport_cost: Number  # yuan per t and km
    substitution_value: Number  # yuan/t
    processing_cost: Number  # yuan/t
    co2_avoided: Number  # t/t
    failure_hazard: Number  # 1/yr
    recoverable_share: Number
    outside_share: Number  # of what arises
    sold_share: Number  # of the outside use
    loss_per_km: Number
    range_km: Number
    setup_quarters: Number
    truck_load: Number  # t a year of one real firm
    piped: Flag
    platform: Flag
    waste_class: Code


class Role(Row):
    """What a sector is to a stream, shape (n_streams, n_sectors): stream_roles.csv."""

    giver_rate: Number  # kg that arise per unit of the base
    taker_rate: Number  # kg that can be used per unit of the base
    giver_base: Code
    taker_base: Code
    own_product: Flag  # its sale is in the giver's sales already


class PerOutput(NamedTuple):
    """What a firm takes in and leaves per 万元 of output, as far as by-products scale with it."""

    coal: float  # tce
    fuel: float  # tce, coal included
    electricity: float  # tce
    water: float  # m3
    waste: float  # t
    cod: float  # kg


@rule
def base_amount(base: int, output: float, per_output: PerOutput) -> float:
    """The quantity that a by-product scales with, for so much output; `base` is a place in BASES."""
    amount = 1.0
    if base == 1:
        amount = per_output.coal
    if base == 2:
        amount = per_output.fuel
    if base == 3:
        amount = per_output.electricity
    if base == 4:
        amount = per_output.water
    if base == 5:
        amount = per_output.waste
    if base == 6:
        amount = per_output.cod
    return output * amount


@rule
def transport_loss(distance: float, loss_per_km: float) -> float:
    """Share of a piped flow that is lost on the way."""
    lost = distance * loss_per_km
    return lost if lost < 1.0 else 1.0


@rule
def disposal_bill(fee: float, tax: float) -> float:
    """What getting rid of a tonne costs the giver, yuan: fee and environmental tax, whose rate is national law."""
    return fee + tax


@rule
def least_price(outside_part: float, price: float, disposal: float) -> float:
    """What a tonne brings its giver without a link, yuan/t: a part is sold outside, the rest is disposed of."""
    return outside_part * price - (1.0 - outside_part) * disposal


@rule
def taker_value(substitution: float, processing: float, transport: float, distance: float) -> float:
    """What a tonne saves its taker, yuan/t: the input it replaces less processing and transport."""
    return substitution - processing - transport * distance


@rule
def shared_price(least: float, most: float, giver_share: float) -> float:
    """Price at which the giver gets its share of what the partners gain, yuan/t; below zero it pays a gate fee."""
    return least + giver_share * (most - least)


@rule
def yearly_gain(kilograms: float, least: float, most: float) -> float:
    """What both partners gain together in a year, 万元, from so many kilograms a year."""
    return kilograms * (most - least) * 1.0e-7


@rule
def setup_cost(kilograms: float, capex: float) -> float:
    """Set-up of a link for so many kilograms a year, 万元."""
    return kilograms * capex * 1.0e-7


@rule
def formation_hazard(gain: float, distance: float, trucked: bool, same_park: bool, rules: SymbiosisRules) -> float:
    """Yearly hazard that a pair of firms agrees, before any platform; `gain` is after the yearly cost of set-up."""
    if gain <= 0.0:
        return 0.0
    hazard = rules.base_formation * gain / (gain + rules.half_worth)
    if trucked:
        hazard = hazard * exp(-rules.distance_decay * distance)
    return hazard * rules.same_park_ratio if same_park else hazard


@rule
def chance_within(hazard: float, years: float) -> float:
    """Probability that something of a yearly hazard happens within so many years."""
    return 1.0 - exp(-hazard * years)


@rule
def long_run_share(formation: float, failure: float) -> float:
    """Share of pairs that are linked where links have long formed and failed at these yearly hazards."""
    both = formation + failure
    if both <= 0.0:
        return 0.0
    return formation / both


@rule
def working(link: int, quarter: int, setup_quarters: float) -> bool:
    """Whether a link carries anything in a quarter: it stood in 2020, or its set-up is over."""
    if link == NO_LINK:
        return False
    return link == OPENING_LINK or quarter - (link - FIRST_LINK) >= setup_quarters


@rule
def claimed(wanted: int, supply: int, all_supply: int) -> int:
    """Kilograms a taker asks of one of its givers: what it can use, by the share of each in what all of them have."""
    if all_supply <= 0:
        return 0
    return int(float(wanted) * (float(supply) / float(all_supply)))


@rule
def served_part(supply: int, claims: int, outside: int) -> float:
    """Share of its claims that a giver can serve: links and outside takers alike when it has too little."""
    asked = float(claims) + float(outside)
    if asked <= float(supply):
        return 1.0
    return float(supply) / asked
