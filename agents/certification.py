"""Which firms are certified as green or digital, step by step of a ladder: who tries, who passes, who keeps it.

A firm holds a set of certificates, one bit for each step (configs/tables/certificates.csv). Marks follow the groups of
GB/T 36132 (energy, resources, cleanness, product, land); places are given by rank against firms outside the district.
"""

from typing import NamedTuple

from agents._compiled import rule
from agents._rows import Code, Flag, Number, Row
from agents.codes import MUNICIPAL_GREEN_FACTORY, NATIONAL_GREEN_FACTORY
from agents.energy import Factors
from agents.government import Policy
from agents.mathematics import exp, normal_quantile, power, triangular_quantile
from agents.retrofit import bounded


class CertificationRules(NamedTuple):
    """Numbers of configs/certification.yaml."""

    effort: float  # 1/yr, hazard that a fitting firm gets down to a step
    worth_slope: float  # of the application logit on the logarithm of benefit over cost
    regard_share: float  # of a year's output that being recognised is worth, all told
    request_worth: float  # 万元 that one customer's request adds to the benefit
    energy_marks: float  # points of the score for energy and carbon
    resource_marks: float
    clean_marks: float
    product_marks: float
    land_marks: float
    place_weight: float  # part of a mark for the place in the sector; the rest for progress on the firm's own base
    full_progress: float  # fall below the own base that earns full marks
    audit_share: float  # part of the clean-production marks that an audit earns
    water_reuse_low: float  # share of water used again, firms at the end of 2020: triangular
    water_reuse: float
    water_reuse_high: float
    water_reuse_gate: float
    clean_years: float  # yr without a penalty before an application
    false_claim_share: float  # share of firms that claim to pass a gate that they do not pass
    check_rate: float  # 1/yr, chance that a self-declared claim is checked
    bar_years: float  # yr of lost reputation after a false claim
    delisting_rate: float  # 1/yr, holders struck off for other reasons
    rival_score: float  # points, mean of applicants outside the district
    rival_spread: float  # points, their standard deviation
    rival_progress: float  # points a year by which their mean rises
    credit_bonus: float  # added to the leverage limit of green factories
    revenue_premium: float  # on the prices of green factories; a switch for sensitivity


class Standing(Row):
    """Whether a firm is there, and what it is known for; short, as phases ask it of every row. Shape (n_firms,)."""

    active: Flag
    certificates: Code  # set of the steps of the ladder that it holds
    requests: Code  # customers that asked it for a certificate
    pending: Code  # set of the steps won and not yet awarded
    unfounded: Code  # those held or pending that rest on a false claim
    barred: Code  # quarters of lost reputation left
    offence: Code  # quarters until its record is clean again
    diagnosed: Flag  # an adviser has been there


class Validity(Row):
    """How long a certificate holds, shape (n_firms, N_CERTIFICATES)."""

    until: Code  # quarter in which it expires, 0 is 2021Q1; -1 never


class Footprint(NamedTuple):
    """What one 万元 of output takes and leaves, of a firm now, at the start, or of its sector."""

    energy: float  # tce
    emissions: float  # t CO2, scope 1
    water: float  # m3
    waste: float  # t
    pollution: float  # pollution equivalents
    land: float  # m2 of roof


class Benchmarks(Row):
    """The footprint of a sector in sectors.csv, shape (n_sectors,)."""

    energy: Number
    emissions: Number
    water: Number
    waste: Number
    pollution: Number
    land: Number


@rule
def without_step(certificates: int, step: int) -> int:
    """The set of certificates without one step."""
    return certificates - (certificates & (1 << int(step)))


@rule
def pollution_equivalents(nox: float, voc: float, cod: float, ammonia: float, factors: Factors) -> float:
    """Pollution equivalents of emissions in kg. Source: environmental_protection_tax_law."""
    air = nox / factors.nox_equivalent + voc / factors.voc_equivalent
    return air + cod / factors.cod_equivalent + ammonia / factors.ammonia_equivalent


@rule
def relative_mark(now: float, start: float, sector: float, rules: CertificationRules) -> float:
    """Share of the marks for one intensity: half at the sector's mean, none at twice it; and progress since 2020."""
    place = 1.0 if now <= 0.0 else 0.0
    if sector > 0.0:
        place = bounded(1.0 - 0.5 * now / sector, 1.0)
    progress = bounded((start - now) / (rules.full_progress * start), 1.0) if start > 0.0 else 0.0
    return rules.place_weight * place + (1.0 - rules.place_weight) * progress


@rule
def green_score(
    now: Footprint, start: Footprint, sector: Footprint, green_share: float, audited: bool, rules: CertificationRules
) -> float:
    """Score of a firm, points of 100. Land is judged by place alone. Source: green_factory_guide."""
    energy = relative_mark(now.energy, start.energy, sector.energy, rules)
    carbon = relative_mark(now.emissions, start.emissions, sector.emissions, rules)
    water = relative_mark(now.water, start.water, sector.water, rules)
    waste = relative_mark(now.waste, start.waste, sector.waste, rules)
    clean = (1.0 - rules.audit_share) * relative_mark(now.pollution, start.pollution, sector.pollution, rules)
    if audited:
        clean = clean + rules.audit_share
    land = bounded(1.0 - 0.5 * now.land / sector.land, 1.0) if sector.land > 0.0 else 0.0
    marks = rules.energy_marks * 0.5 * (energy + carbon) + rules.resource_marks * 0.5 * (water + waste)
    return marks + rules.clean_marks * clean + rules.product_marks * green_share + rules.land_marks * land


@rule
def water_reuse(draw: float, now: float, start: float, rules: CertificationRules) -> float:
    """Share of water used again, for fresh water per output `now` and at the start; fresh water saved is reused."""
    share = triangular_quantile(draw, rules.water_reuse_low, rules.water_reuse, rules.water_reuse_high)
    if start <= 0.0:
        return share
    return bounded(1.0 - (1.0 - share) * now / start, 1.0)


@rule
def passes_gates(reuse: float, offence: int, rules: CertificationRules) -> bool:
    """Whether a firm's record is clean and it uses enough of its water again. Source: green_factory_guide."""
    return offence <= 0 and reuse >= rules.water_reuse_gate


@rule
def certificate_benefit(award: float, output: float, regard: float, requests: int, rules: CertificationRules) -> float:
    """What a certificate is worth to a firm, 万元: award, regard in proportion to a year's output, asking customers."""
    return award + rules.regard_share * regard * output + rules.request_worth * requests


@rule
def willingness(benefit: float, cost: float, rules: CertificationRules) -> float:
    """Chance that a firm finds a certificate worth its cost: a half where both are equal."""
    if benefit <= 0.0:
        return 0.0
    if cost <= 0.0:
        return 1.0
    odds = power(benefit / cost, rules.worth_slope)
    return odds / (1.0 + odds) if odds < 1e300 else 1.0


@rule
def application_probability(attention: float, willing: float, rules: CertificationRules) -> float:
    """Chance of an application in a year's contest; `attention` is the step's part of the usual effort."""
    return (1.0 - exp(-rules.effort * attention)) * willing


@rule
def next_rival(quantile: float, left: int, draw: float) -> float:
    """Quantile of the best of `left` rivals, all of them below the quantile of the one before."""
    return quantile * power(draw, 1.0 / left)


@rule
def rival_points(quantile: float, years: float, rules: CertificationRules) -> float:
    """Score of a rival at a quantile of all rivals, points of 100, so many years after the beginning of 2021."""
    if quantile <= 0.0:
        return 0.0
    if quantile >= 1.0:
        return 100.0
    mean = rules.rival_score + rules.rival_progress * years
    return bounded(mean + rules.rival_spread * normal_quantile(quantile), 100.0)


@rule
def district_award(award: float, policy: Policy) -> float:
    """What the district pays for a certificate, 万元; nothing from an empty purse."""
    return award * policy.certification_award_multiplier if policy.certification_award_purse > 0.0 else 0.0


@rule
def green_factory(certificates: int) -> bool:
    """Whether a firm is a municipal or national green factory."""
    return ((certificates >> MUNICIPAL_GREEN_FACTORY) | (certificates >> NATIONAL_GREEN_FACTORY)) & 1 == 1


@rule
def credit_bonus(certificates: int, barred: int, rules: CertificationRules) -> float:
    """What is added to the leverage limit of a green factory in good standing."""
    return rules.credit_bonus if green_factory(certificates) and barred <= 0 else 0.0


@rule
def price_factor(certificates: int, rules: CertificationRules) -> float:
    """Price of a firm's products over the market's: one, unless a premium for green factories is tried."""
    return 1.0 + rules.revenue_premium if green_factory(certificates) else 1.0
