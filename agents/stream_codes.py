"""Integer codes of the exchange of by-products: what is counted of each stream. Never reused or renumbered."""

N_STREAMS = 30  # streams.csv is checked against it

# Columns of what is counted of each stream in a quarter.
GENERATED = 0  # kg
SENT = 1  # kg given to local takers
RECEIVED = 2  # kg that arrived there
USED_OUTSIDE = 3  # kg, by outside takers and givers themselves
DISPOSED = 4  # kg
BOUGHT_OUTSIDE = 5  # kg that local makers of green products bought outside
LINKS = 6  # links that carry something
STREAM_SALES = 7  # fen, as BY_PRODUCT_SALES
CO2_AVOIDED = 8  # kg where local takers replaced inputs
SETUP_COST = 9  # fen
SETUP_GRANT = 10  # fen
FORMED = 11  # links agreed
ENDED = 12  # links failed or left without a partner
N_STREAM_COLUMNS = 13
STREAM_COLUMN_NAMES = (
    "generated",
    "sent",
    "received",
    "used_outside",
    "disposed",
    "bought_outside",
    "links",
    "sales",
    "co2_avoided",
    "setup_cost",
    "setup_grant",
    "formed",
    "ended",
)
