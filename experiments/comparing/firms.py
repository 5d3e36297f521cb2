"""The firms that act differently in two scenarios, and what held them back in each: micro data of one replicate."""

import numpy as np
import pandas as pd

KEY = ["firm", "year"]
TRAITS = ["sector", "park", "size", "weight"]
COMPARED = ["active", "options"]
FEN = 1e-4  # 万元; sales that differ by less than a yuan are the same
NONE = "none"
ABSENT = "absent"  # a firm that is not there in this year


def changed_firms(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """One row for each firm whose options, presence or green sales differ at the end or on the way.

    Args:
        first: firms by year of one scenario, `firms` of an ensemble with micro data.
        second: those of the other.

    Returns:
        Firm, traits, first year in which what it did differs, options that only one has at the end, green sales of the
        last year in both, and what bound it in that first year in either.
    """
    both = _aligned(first, second)
    acted = np.zeros(len(both), bool)
    for name in COMPARED:
        acted |= (both[f"{name}_a"] != both[f"{name}_b"]).to_numpy()
    sold = (both["green_sales_a"] - both["green_sales_b"]).abs().to_numpy() > FEN
    rows = []
    last = both["year"].max()
    for firm, years in both.assign(acted=acted, differs=acted | sold)[acted | sold].groupby("firm", sort=True):
        start = years[years["acted"]].iloc[0] if years["acted"].any() else years.iloc[0]
        end = both[(both["firm"] == firm) & (both["year"] == last)]
        rows.append(_row(int(str(firm)), start, end.iloc[0] if len(end) else start, acted=bool(years["acted"].any())))
    columns = ["firm", *TRAITS, "first_year", "change", "options_only_a", "options_only_b"]
    return pd.DataFrame(rows, columns=[*columns, "green_sales_a", "green_sales_b", "reason_a", "reason_b"])


def _aligned(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Both scenarios beside each other by firm and year."""
    kept = [*KEY, *TRAITS, *COMPARED, "green_sales", "reason"]
    plain = dict.fromkeys(("sector", "park", "size", "options", "reason"), str)
    sides = [frame[kept].astype(plain) for frame in (first, second)]
    both = sides[0].merge(sides[1], on=KEY, how="outer", suffixes=("_a", "_b"))
    for side in ("a", "b"):
        other = "b" if side == "a" else "a"
        there = both[f"reason_{side}"].notna()
        both[f"reason_{side}"] = both[f"reason_{side}"].where(there, ABSENT)
        both[f"options_{side}"] = both[f"options_{side}"].where(there, "")
        both[f"green_sales_{side}"] = both[f"green_sales_{side}"].fillna(0.0)
        both[f"active_{side}"] = both[f"active_{side}"].where(there, False).astype(bool)
        for name in TRAITS:
            both[f"{name}_{side}"] = both[f"{name}_{side}"].where(there, both[f"{name}_{other}"])
    return both.sort_values(KEY, ignore_index=True)


def _row(firm: int, start: "pd.Series", end: "pd.Series", acted: bool) -> list[object]:
    only = [sorted(_options(end, side) - _options(end, other)) for side, other in (("a", "b"), ("b", "a"))]
    traits = [start[f"{name}_a"] for name in TRAITS]
    sales = [float(end["green_sales_a"]), float(end["green_sales_b"])]
    change = _change(start, end, only) if acted else "sales"
    told = [int(start["year"]), change, ";".join(only[0]), ";".join(only[1])]
    return [firm, *traits, *told, *sales, start["reason_a"], start["reason_b"]]


def _options(row: "pd.Series", side: str) -> set[str]:
    return set(filter(None, str(row[f"options_{side}"]).split(";")))


def _change(start: "pd.Series", end: "pd.Series", only: list[list[str]]) -> str:
    """What became of the firm in the second scenario, beside the first."""
    if end["active_a"] != end["active_b"]:
        return "there" if end["active_b"] else "gone"
    if only[0] and only[1]:
        return "other"
    if only[1]:
        return "more"
    if only[0]:
        return "fewer"
    return "earlier" if len(_options(start, "b")) > len(_options(start, "a")) else "later"


def constraint_table(changed: pd.DataFrame) -> pd.DataFrame:
    """Firms by what bound them in each scenario, weighted by how many firms a row stands for, most first."""
    acted = changed[changed["change"] != "sales"]
    counted = acted.groupby(["change", "reason_a", "reason_b"], as_index=False).agg(
        rows=("firm", "size"), firms=("weight", "sum")
    )
    return counted.sort_values(["firms", "change", "reason_a", "reason_b"], ascending=[False, True, True, True])
