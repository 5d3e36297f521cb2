"""What happened to a firm in a quarter, a row for each thing; kept for the replicate whose micro data are asked for."""

from agents._rows import Code, Row, Whole


class Event(Row):
    """One thing that happened to one firm; codes are those of agents/codes.py."""

    row: Whole  # of the firm
    amount: Whole  # fen
    partner: Whole  # row of the other firm of a link; -1 for none
    kind: Code
    subject: Code  # option of a retrofit; CONVERSION_PROJECT, EXPANSION_PROJECT or NO_PROJECT
    programme: Code  # 0 for none
    detail: Code  # label, kind of money, reason or stream, as the kind says
