"""Integer codes that are written into results or into the counters of random draws.

Codes are never reused or renumbered: a draw keeps its luck, and an old file its meaning, as long as the model lives.
Quantities alone are written by name; theirs follow who keeps them.
"""

# Decisions, 0 to 255: every random draw names the decision it serves. Gaps are room for kin of the same group.
PARAMETER_DRAW = 1

POPULATION_SIZE = 10
POPULATION_LOCATION = 11
POPULATION_PRODUCT = 12
POPULATION_CUTOFF = 13
POPULATION_INTENSITY = 14
POPULATION_AGE = 15
POPULATION_BALANCE = 16
POPULATION_ROOF = 17
POPULATION_BANK = 18
POPULATION_GREEN_SHARE = 19
POPULATION_ELIGIBILITY = 20
POPULATION_UTILISATION = 21
POPULATION_POWER = 22
POPULATION_WATER_REUSE = 23

NETWORK_COMMUNITY = 40
NETWORK_DEGREE = 41
NETWORK_SUPPLIER = 42
NETWORK_WEIGHT = 43
NETWORK_SYMBIOSIS = 44
NETWORK_SUBSTITUTE = 45

INITIAL_STOCK = 60
INITIAL_ADOPTION = 61
INITIAL_CERTIFICATE = 62
INITIAL_LINK = 63

MARKET_SHOCK = 80
FIRM_SHOCK = 81
PRICE_SHOCK = 82

NOTICE = 100
DIAGNOSIS = 101
ACCEPTANCE = 102  # u_ik, once per firm and option
FIRE = 103
GRANT_TIE = 104
CREDIT = 105
CONSTRUCTION = 106
ORDERED = 107  # whether an emission limit or benchmark reaches this firm, once per firm and option

CONVERT = 120
CERTIFY = 121
RIVAL = 122  # certification rivals outside the district
CLAIM = 123
CHECK = 124

LINK = 140  # a by-product link forms
LINK_FAILURE = 141
SUPPLIER_SURVIVAL = 142
SUPPLIER_CHOICE = 143
REQUEST = 144
REQUEST_LAPSE = 145

ENTRY = 160
FAILURE = 161
RELOCATION = 162
WINDOW = 163  # repair windows of large equipment

# Why a firm started no retrofit this quarter: the one thing that bound it.
NONE = 0
UNAWARE = 1
INELIGIBLE = 2
CUTOFF = 3
CASH = 4
CREDIT_REFUSED = 5
PURSE_EMPTY = 6
NO_SUPPLIER = 7
WAITING_WINDOW = 8
N_REASONS = 9
REASON_NAMES = (
    "none",
    "unaware",
    "ineligible",
    "cutoff",
    "cash",
    "credit_refused",
    "purse_empty",
    "no_supplier",
    "waiting_window",
)

# Who stands on the other side of a firm's cash. Every posting moves the same fen between a firm and one account.
CLEARING = 0  # between local firms; zero at the end of every quarter
HOUSEHOLDS = 1
BANKS = 2
DISTRICT = 3
UPPER = 4  # city and state
OUTSIDE = 5  # rest of the world: final demand, imports, grid, equipment makers, carbon market
TAXES = 6  # collected, then divided between district and upper levels
N_ACCOUNTS = 7
ACCOUNT_NAMES = ("clearing", "households", "banks", "district", "upper", "outside", "taxes")

# Terms of a firm's ledger, fen a quarter, signed: money in is positive.
SALES_LOCAL = 0  # to other firms of the district
SALES_FINAL = 1  # to everyone else, projects included
MATERIALS_LOCAL = 2
MATERIALS_OUTSIDE = 3
WAGES = 4
ENERGY_BILL = 5
RIGHTS = 6  # carbon allowances and energy, pollution and water rights, bought or sold
POLLUTION_TAX = 7
NET_TAX = 8
OPERATING_COST = 9
BENEFIT = 10
SERVICE_FEE = 11
INTEREST = 12
REPLACEMENT = 13  # depreciation, reinvested
PROFIT_TAX = 14
DIVIDENDS = 15
GRANT = 16
RETROFIT_CAPEX = 17
EXPANSION_CAPEX = 18
CONVERSION_CAPEX = 19
NEW_LOAN = 20
REPAYMENT = 21
NEW_EQUITY = 22
LIQUIDATION = 23  # what a leaving firm's cash pays its bank and owners
PENALTY = 24  # for an abatement ordered and not built
BY_PRODUCT_TRADE = 25  # with other firms of the district
BY_PRODUCT_BALANCE = 26  # with everyone else: sales, disposal, inputs replaced, above what the base year holds
LINK_CAPEX = 27  # set-up of by-product links
CERTIFICATION = 28  # fees of applications and renewals, management systems
AWARD = 29  # for a certificate
N_TERMS = 30
TERM_NAMES = (
    "sales_local",
    "sales_final",
    "materials_local",
    "materials_outside",
    "wages",
    "energy_bill",
    "rights",
    "pollution_tax",
    "net_tax",
    "operating_cost",
    "benefit",
    "service_fee",
    "interest",
    "replacement",
    "profit_tax",
    "dividends",
    "grant",
    "retrofit_capex",
    "expansion_capex",
    "conversion_capex",
    "new_loan",
    "repayment",
    "new_equity",
    "liquidation",
    "penalty",
    "by_product_trade",
    "by_product_balance",
    "link_capex",
    "certification",
    "award",
)
COUNTERPARTS = (
    CLEARING,
    OUTSIDE,
    CLEARING,
    OUTSIDE,
    HOUSEHOLDS,
    OUTSIDE,
    OUTSIDE,
    TAXES,
    TAXES,
    OUTSIDE,
    OUTSIDE,
    OUTSIDE,
    BANKS,
    OUTSIDE,
    TAXES,
    HOUSEHOLDS,
    DISTRICT,
    OUTSIDE,
    OUTSIDE,
    OUTSIDE,
    BANKS,
    BANKS,
    OUTSIDE,
    BANKS,
    TAXES,
    CLEARING,
    OUTSIDE,
    OUTSIDE,
    OUTSIDE,
    DISTRICT,
)

# Quantities of a firm's quarter, whole units.
GREEN_SALES = 0  # fen, current prices
GREEN_PROJECT_SALES = 1  # part of it sold to local projects
GREEN_LOCAL_SALES = 2  # part of it sold to local makers of green products
COAL = 3  # kJ
GAS = 4
OIL = 5
ELECTRICITY = 6
HEAT = 7
CO2_FUEL = 8  # kg
CO2_PROCESS = 9
CO2_POWER = 10
NOX = 11  # g
VOC = 12
COD = 13
AMMONIA = 14
WATER = 15  # litres
WASTE = 16  # kg
NOX_ABATED = 17  # g a year taken away by the projects completed this quarter
VOC_ABATED = 18
COD_ABATED = 19
AMMONIA_ABATED = 20
ENERGY_SAVED = 21  # kJ a year, projects completed this quarter
SERVICED_CAPEX = 22  # fen, retrofits paid by a contractor
BY_PRODUCT_SALES = 23  # fen, to anyone; none below zero and none that are sales already
WASTE_USED = 24  # kg of industrial solid waste
N_KEPT = 25  # what a firm keeps; the rest is told from its output and traits when it is recorded
OUTPUT = 25  # fen, 2020 prices
VALUE_ADDED = 26  # fen, 2020 prices
GREEN_OUTPUT = 27  # fen, 2020 prices
ELECTRICITY_SOLD = 28  # kJ
HEAT_SOLD = 29  # kJ
N_QUANTITIES = 30
QUANTITY_NAMES = (
    "green_sales",
    "green_project_sales",
    "green_local_sales",
    "coal",
    "gas",
    "oil",
    "electricity",
    "heat",
    "co2_fuel",
    "co2_process",
    "co2_power",
    "nox",
    "voc",
    "cod",
    "ammonia",
    "water",
    "waste",
    "nox_abated",
    "voc_abated",
    "cod_abated",
    "ammonia_abated",
    "energy_saved",
    "serviced_capex",
    "by_product_sales",
    "waste_used",
    "output",
    "value_added",
    "green_output",
    "electricity_sold",
    "heat_sold",
)

# How the size of an option is measured at a firm (option_sizing.csv, sizing_base).
SIZING_BASES = (
    "coal",
    "gas",
    "oil",
    "electricity",
    "heat",
    "fuel",
    "energy",
    "output",
    "roof",
    "firm",
    "water",
    "waste",
    "saved_energy",
    "voc",
    "nox",
    "cod",
)
CARRIER_NAMES = ("coal", "gas", "oil", "electricity", "heat")
PROGRAMME_NAMES = (
    "none",
    "retrofit",
    "digital",
    "pv",
    "conversion",
    "guarantee",
    "contracting",
    "diagnosis",
    "training",
    "phase_out",
    "incubation",
    "circular_agriculture",
    "eco_tourism",
    "supply_chain",
    "platform",
    "park_renovation",
    "symbiosis_platform",
    "interest",
    "certification",
)
FEN = 1_000_000  # fen in one 万元

# Steps of the ladder of certificates; bit k of a set of certificates stands for step k (certificates.csv).
CLEANER_PRODUCTION_AUDIT = 0
DIGITAL_WORKSHOP = 1
SMART_FACTORY = 2
MUNICIPAL_GREEN_FACTORY = 3
NATIONAL_GREEN_FACTORY = 4
GREEN_PRODUCT = 5
GREEN_SUPPLY_CHAIN_MANAGER = 6
N_CERTIFICATES = 7
CERTIFICATE_NAMES = (
    "cleaner_production_audit",
    "digital_workshop",
    "smart_factory",
    "municipal_green_factory",
    "national_green_factory",
    "green_product",
    "green_supply_chain_manager",
)

# What happens to certificates in a quarter.
ISSUED, EXPIRED, REVOKED, SOUGHT = 0, 1, 2, 3
N_MOVES = 4
MOVE_NAMES = ("issued", "expired", "revoked", "applied")

# Sizes of the index spaces; the tables of configs/ are checked against them.
N_SECTORS = 28
N_PARKS = 5
N_OPTIONS = 58
N_BANKS = 3

# What happens to firms (events.csv). `detail` holds a label, a kind of money, a reason or a stream.
APPLIED = 0  # for a grant; label of what would be done without it; amount asked
REFUSED = 1  # by a purse that ran dry; label; amount asked
GRANTED = 2  # and paid, as the project starts; label; amount
STARTED = 3  # a project found its money; kind of money; its price
BORROWED = 4  # for it; kind of money; amount
UNFUNDED = 5  # a project found no money; reason; its price
COMPLETED = 6  # a project is done
ARRIVED = 7  # price of the plant
LEFT = 8  # detail 1 closed by creditors, 0 for other causes; amount written off
DIAGNOSED = 9  # an adviser came for free; price of the visit
SUPPORTED = 10  # public money that is no grant: fee of a guarantee, return of a contractor
CERTIFIED = 11  # step of the ladder; award of the city
DELISTED = 12  # a certificate ended or was taken away; step of the ladder
LINKED = 13  # a by-product link was agreed on, told of both partners; stream; partner; its part of the grant
UNLINKED = 14  # one ended, told of both partners; stream; partner
SWITCHED = 15  # a supplier was changed; the new one is the partner
EVENT_NAMES = (
    "applied",
    "refused",
    "granted",
    "started",
    "borrowed",
    "unfunded",
    "completed",
    "arrived",
    "left",
    "diagnosed",
    "supported",
    "certified",
    "delisted",
    "linked",
    "unlinked",
    "switched",
)
# Subjects of events that are no retrofit.
NO_PROJECT, CONVERSION_PROJECT, EXPANSION_PROJECT = -1, -2, -3

# What a firm would do in the same state without its own grant, found at the moment it decides.
NO_LABEL = 0
ALWAYS = 1  # the same: a free rider
ACCELERATED = 2  # it would want to, but not find the money this quarter
INDUCED = 3  # it would not
LABEL_NAMES = ("", "always", "accelerated", "induced")

# Who pays for a project.
OWN_CASH, GREEN_LOAN, ORDINARY_LOAN, GUARANTEED_LOAN, CONTRACT, BOND = 1, 2, 3, 4, 5, 6
MONEY_NAMES = ("", "cash", "green_loan", "loan", "guaranteed_loan", "contract", "bond")
