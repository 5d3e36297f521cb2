"""Variables follow from whole numbers: units change once, parts add up, years are the sums of their quarters."""

import numpy as np
import pytest

from agents import codes
from sim.configuration.problems import ConfigError
from sim.phases.recording import BOOK_COLUMNS, FIRM_COLUMNS, PRODUCT_COLUMNS, PURSE_COLUMNS, RESIDUALS, empty_record
from sim.results import measures, revenue
from sim.results.integrity import IntegrityError, check_books, check_finite
from sim.results.parts import place_of
from sim.results.reducing import quarterly_variables, told
from sim.results.totals import quarter_totals, year_totals
from sim.results.variable_list import load_variables, variable_named

RULES = revenue.RevenueRules(1.0, 400.0, 19.0, 3.0, 0.95)
N_PRODUCTS = len(revenue.clusters().of_product)
ENERGY_CONTENT = 29_307_600.0
DISTRICT_SHARE = 0.3
COAL_POWER, CEMENT, TRADE = 0, 2, 23


def totals_of(record, base=None):
    base = revenue.bases(1, None) if base is None else base
    return quarter_totals(record, revenue.align(record, base, RULES), ENERGY_CONTENT, DISTRICT_SHARE)


def yearly_values(record):
    found = measures.measured(year_totals(totals_of(record)), load_variables())
    return {variable.name: found[:, k] for k, variable in enumerate(load_variables())}


def random_record(seed=0, n_quarters=8):
    rng = np.random.default_rng(seed)
    record = empty_record(n_quarters, 3, N_PRODUCTS)
    for table in (record.sectors, record.parks, record.products, record.firms, record.stocks, record.purses):
        table[:] = rng.integers(1, 10**12, table.shape)
    for table in (record.books, record.adopters, record.reasons, record.pv):
        table[:] = rng.integers(1, 10**9, table.shape)
    record.sectors[:, :, : codes.N_TERMS] *= -1
    return record


def one_quantity(quantity, amount, sector=CEMENT, quarter=1):
    record = empty_record(4, 3, N_PRODUCTS)
    record.sectors[quarter, sector, codes.N_TERMS + quantity] = amount
    record.parks[quarter, 0, codes.N_TERMS + quantity] = amount
    return yearly_values(record)


def test_every_variable_is_measured_and_every_measure_declared():
    assert {variable.template for variable in load_variables()} == set(measures.MEASURES)


@pytest.mark.parametrize(
    ("quantity", "amount", "variable", "value"),
    [
        (codes.OUTPUT, 10**10, "Output", 1.0),
        (codes.OUTPUT, 10**10, "Output|Industry|Cement and concrete", 1.0),
        (codes.OUTPUT, 10**10, "Output by Park|Luohuang", 1.0),
        (codes.VALUE_ADDED, 10**10, "Value Added|Industry", 1.0),
        (codes.COAL, 29_307_600 * 10**4, "Final Energy|Industry|Coal", 1.0),
        (codes.HEAT, 29_307_600 * 10**4, "Final Energy|Industry|Heat", 1.0),
        (codes.ENERGY_SAVED, 29_307_600 * 10**4, "Energy Saved|Retrofit", 1.0),
        (codes.CO2_FUEL, 10**7, "Emissions|CO2|Industry|Fuel", 1.0),
        (codes.CO2_PROCESS, 10**7, "Emissions|CO2|Industry", 1.0),
        (codes.CO2_FUEL, 10**7, "Emissions by Park|CO2|Luohuang", 1.0),
        (codes.CO2_POWER, 10**7, "Emissions|CO2|Electricity Bought", 1.0),
        (codes.NOX, 10**6, "Emissions|NOx", 1.0),
        (codes.AMMONIA_ABATED, 10**6, "Emissions Abated|NH3-N", 1.0),
        (codes.WATER, 10**7, "Water", 1.0),
        (codes.WASTE, 10**7, "Solid Waste|Generated", 1.0),
        (codes.SERVICED_CAPEX, 10**6, "Investment|Retrofit By Contract", 1.0),
    ],
)
def test_units(quantity, amount, variable, value):
    assert one_quantity(quantity, amount)[variable] == pytest.approx([value], rel=1e-15)


def test_scope_one_and_scope_two_are_never_added():
    values = one_quantity(codes.CO2_POWER, 10**7)
    assert values["Emissions|CO2|Industry"] == [0.0]
    assert values["Emissions by Park|CO2|Luohuang"] == [0.0]


def test_energy_sold_counts_once_and_services_are_not_industry():
    record = empty_record(4, 3, N_PRODUCTS)
    content = 29_307_600 * 10**4
    record.sectors[0, COAL_POWER, codes.N_TERMS + codes.COAL] = 5 * content
    record.sectors[0, COAL_POWER, codes.N_TERMS + codes.ELECTRICITY_SOLD] = 2 * content
    record.sectors[0, CEMENT, codes.N_TERMS + codes.ELECTRICITY] = 1 * content
    record.sectors[0, TRADE, codes.N_TERMS + codes.ELECTRICITY] = 7 * content
    values = yearly_values(record)
    assert values["Final Energy|Industry"] == [4.0]
    assert values["Energy Sold|Industry"] == [2.0]
    assert values["Final Energy|Industry|Electricity"] == [1.0]


@pytest.mark.parametrize("seed", range(3))
def test_parts_add_up_to_their_whole(seed):
    values = yearly_values(random_record(seed))
    wholes = {variable.part_of for variable in load_variables() if variable.part_of}
    assert wholes
    for whole in wholes:
        parts = [values[variable.name] for variable in load_variables() if variable.part_of == whole]
        assert np.sum(parts, axis=0) == pytest.approx(values[whole], rel=1e-12), whole


def test_a_year_is_the_sum_of_its_quarters_or_their_end():
    record = random_record(3)
    totals = totals_of(record)
    quarters, years = told(totals, 0)
    assert (years == measures.measured(year_totals(totals), load_variables())).all()
    for k, variable in enumerate(quarterly_variables()):
        column = years[:, place_of(variable.name)]
        if variable.kind == "flow_year":
            assert quarters[:, k].reshape(2, 4).mean(axis=1) == pytest.approx(column, rel=1e-12), variable.name
        elif variable.kind in ("stock", "count"):
            assert (quarters[3::4, k] == column).all(), variable.name


def test_energy_above_scale_is_net_and_has_its_own_value_added():
    record = empty_record(4, 3, N_PRODUCTS)
    record.above_scale[0, codes.N_TERMS + codes.COAL] = 5 * 29_307_600 * 10**4
    record.above_scale[1, codes.N_TERMS + codes.HEAT_SOLD] = 29_307_600 * 10**4
    record.above_scale[2, codes.N_TERMS + codes.VALUE_ADDED] = 5 * 10**10
    values = yearly_values(record)
    assert values["Final Energy|Industry|Above Scale"] == [4.0]
    assert values["Value Added|Industry|Above Scale"] == [5.0]
    assert values["Energy Intensity|Industry|Above Scale"] == [0.8]


def test_shares_weigh_by_their_denominator():
    record = empty_record(4, 3, N_PRODUCTS)
    record.sectors[0, CEMENT, codes.N_TERMS + codes.OUTPUT] = 3 * 10**10
    record.sectors[1, CEMENT, codes.N_TERMS + codes.OUTPUT] = 10**10
    record.products[1, 0, PRODUCT_COLUMNS.index("green_output")] = 10**10
    assert yearly_values(record)["Share|Green Output"] == [0.25]


def test_money_and_counts():
    record = empty_record(4, 3, N_PRODUCTS)
    record.sectors[2, CEMENT, codes.RETROFIT_CAPEX] = -5 * codes.FEN
    record.purses[2, 1, PURSE_COLUMNS.index("spent")] = 2 * codes.FEN
    record.books[3, 1, BOOK_COLUMNS.index("green_loans")] = 7 * codes.FEN
    record.books[0, 1, BOOK_COLUMNS.index("write_offs")] = 3 * codes.FEN
    record.firms[:, CEMENT, FIRM_COLUMNS.index("active")] = 4500
    record.firms[1, CEMENT, FIRM_COLUMNS.index("left")] = 1500
    record.reasons[3, codes.CASH] = 2000
    record.adopters[3, 21] = 1000
    record.pv[3] = 10**6
    values = yearly_values(record)
    assert values["Investment|Retrofit"] == [5.0]
    assert values["Policy Cost|Government|Retrofit Grant"] == values["Policy Cost|Government"] == [2.0]
    assert values["Loans|Green"] == [7.0]
    assert values["Loans|Written Off"] == [3.0]
    assert values["Firms|Active"] == [4.5]
    assert values["Firms|Left"] == [1.5]
    assert values["Firms|Reason|Cash"] == [2.0]
    assert values["Adoption|Rooftop PV"] == values["Adoption by Group|PV and Storage"] == [1.0]
    assert values["Capacity|Rooftop PV"] == [1.0]


def test_taxes_are_divided_to_the_fen():
    record = empty_record(4, 3, N_PRODUCTS)
    record.sectors[:, CEMENT, codes.PROFIT_TAX] = -101
    record.sectors[:, TRADE, codes.NET_TAX] = -202
    totals = totals_of(record)
    assert (totals.taxes == [[91, 212]] * 4).all()
    assert (year_totals(totals).taxes == [[364, 848]]).all()


def test_green_revenue_is_aligned_and_relocations_can_be_taken_out():
    record = random_record(5)
    record.sectors[:, :, codes.N_TERMS + codes.BY_PRODUCT_SALES] = 0
    record.products[:, :, PRODUCT_COLUMNS.index("relocated_sales")] = (
        record.products[:, :, PRODUCT_COLUMNS.index("green_sales")] // 10
    )
    values = yearly_values(record)
    assert values["Revenue|Green Industry|Manufacturing"][0] == pytest.approx(200.0)
    assert values["Revenue|Green Industry|Parts of new-energy vehicles"][0] == pytest.approx(10.0)
    assert values["Revenue|Green Industry|Without Relocations"] == pytest.approx(
        0.9 * values["Revenue|Green Industry"], rel=1e-9
    )


def test_members_stand_in_the_order_of_the_codes():
    order = {"carrier": codes.CARRIER_NAMES, "reason": codes.REASON_NAMES, "programme": codes.PROGRAMME_NAMES[1:]}
    templates = {
        "carrier": "Final Energy|Industry|{member}",
        "reason": "Firms|Reason|{member}",
        "programme": "Policy Cost|Government|{member}",
    }
    for family, names in order.items():
        found = [variable for variable in load_variables() if variable.template == templates[family]]
        assert sorted(variable.code for variable in found) == list(range(len(names)))
    assert variable_named("Firms|Reason|Waiting Window").code == codes.WAITING_WINDOW
    assert set(measures.GROUP_ORDER) == set(measures.option_groups())
    groups = [variable for variable in load_variables() if variable.template == "Adoption by Group|{member}"]
    assert len(groups) == len(measures.GROUP_ORDER)


def test_an_unknown_variable_is_named_with_a_suggestion():
    with pytest.raises(ConfigError, match=r"Revenue\|Green Industry"):
        variable_named("Revenue|Green Indstry")


def test_all_mistakes_of_a_list_are_told_at_once(tmp_path, root):
    text = (root / "configs" / "variables.yaml").read_text(encoding="utf-8")
    text = text.replace("unit: 万m3/yr", "unit: 万m4/yr", 1).replace("family: carrier", "family: carier", 1)
    (tmp_path / "configs").mkdir()
    folder = tmp_path / "configs"
    for name in ("tables", "sources", "units.yaml"):
        (folder / name).symlink_to(root / "configs" / name)
    (folder / "variables.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_variables(folder)
    assert "万m4/yr" in str(caught.value)
    assert "carier" in str(caught.value)


def test_books_that_do_not_close_are_refused():
    record = empty_record(8, 3, N_PRODUCTS)
    check_books(record, 0)
    record.residuals[5, RESIDUALS.index("loans")] = -3
    with pytest.raises(IntegrityError, match="replicate 4: the books of 2022Q2 do not close: loans by -3 fen"):
        check_books(record, 4)


def test_values_that_are_no_numbers_are_refused():
    check_finite(np.zeros((2, 2)), 0, ["a", "b"])
    with pytest.raises(IntegrityError, match="replicate 2: b is no number"):
        check_finite(np.array([[0.0, np.nan]]), 2, ["a", "b"])
