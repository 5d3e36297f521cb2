"""One quarter of the district: a table of contents. Every phase is a kernel in the module of its name."""

from agents._compiled import lean_kernel
from sim.phases.accounts import balance_budgets, settle_accounts
from sim.phases.building import build
from sim.phases.certifying import certify
from sim.phases.choosing import choose_retrofits
from sim.phases.converting import convert_products
from sim.phases.demography import enter_and_exit
from sim.phases.exchanging import exchange_by_products
from sim.phases.granting import grant_subsidies
from sim.phases.learning import learn
from sim.phases.lending import lend
from sim.phases.markets import advance_markets
from sim.phases.noticing import notice_options
from sim.phases.orders import place_orders
from sim.phases.production import produce
from sim.phases.programmes import pay_programmes
from sim.phases.recording import Record, record_quarter
from sim.phases.switching import switch_suppliers
from sim.setting import Moment, Setting, World
from sim.state import State


@lean_kernel
def step_quarter(
    world: World, setting: Setting, moment: Moment, opening_cash: int, state: State, record: Record
) -> None:
    """Take the district through one quarter; reads world, setting and moment, writes state and record."""
    # Markets and production
    advance_markets(world, setting, moment, state)  # 1
    place_orders(world, setting, state)  # 2
    produce(world, setting, moment, state)  # 3
    exchange_by_products(world, setting, moment, state)  # 4
    settle_accounts(world, setting, moment, state)  # 5

    # Decisions
    if setting.mechanisms.retrofits > 0.0:
        notice_options(world, setting, moment, state)  # 6
        choose_retrofits(world, setting, moment, state)  # 7
    grant_subsidies(world, setting, moment, state)  # 8
    lend(world, setting, moment, state)  # 9
    build(world, setting, moment, state)  # 10
    convert_products(world, setting, moment, state)  # 11

    # Standing, partners and population
    if setting.mechanisms.certification > 0.0:
        certify(world, setting, moment, state)  # 12
    switch_suppliers(world, setting, moment, state)  # 13
    enter_and_exit(world, setting, moment, state)  # 14
    learn(world, setting, state)  # 15

    # Public budgets close and everything is written down
    pay_programmes(world, setting, moment, state)
    balance_budgets(setting, state)
    record_quarter(world, setting.factors, opening_cash, moment, state, record)  # 16
