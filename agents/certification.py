"""Which firms are certified as green or digital, step by step of a ladder: who tries, who passes, who keeps it.

A firm holds a set of certificates, one bit for each step of the ladder (configs/tables/certificates.csv).
"""

from agents._rows import Code, Row


class Standing(Row):
    """What a firm is known for, shape (n_firms,)."""

    certificates: Code  # set of the steps of the ladder that it holds
    requests: Code  # customers that asked it for a certificate
