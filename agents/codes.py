"""Integer codes that are written into results or into the counters of random draws.

Codes are never reused or renumbered: a draw keeps its luck, and an old file its meaning, as long as the model lives.
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

NETWORK_COMMUNITY = 40
NETWORK_DEGREE = 41
NETWORK_SUPPLIER = 42
NETWORK_WEIGHT = 43
NETWORK_SYMBIOSIS = 44

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

ENTRY = 160
FAILURE = 161
RELOCATION = 162
WINDOW = 163  # repair windows of large equipment
