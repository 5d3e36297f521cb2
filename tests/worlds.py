"""Small random worlds without marginals, for tests of what must hold in any district however odd.

Shares add up, money is whole, ids are unique; everything else may be extreme: one firm, one sector, empty green shares,
firms that are all entrants but one.
"""

import numpy as np

from agents.firm import Firms

N_SECTORS = 28
N_PARKS = 5
# Products of each sector by row of products.csv are a matter of tables; here any product goes with any sector.
N_PRODUCTS = 24
ENERGY_PRICES = np.array([0.112, 0.18, 0.45, 0.513, 0.19])  # 万元 per tce


def random_firms(n, seed=0, sector=None, spare=0.2, banks=3, n_products=N_PRODUCTS, product_sector=None, largest=1e6):
    """Draw `n` rows at random, at least one of them active.

    Args:
        n: rows, from 1.
        seed: of numpy's generator.
        sector: put every row in this sector.
        spare: chance of a row to be one of the spare rows of entrants.
        banks: number of banks.
        n_products: number of green products.
        product_sector: (n_products,) sector that makes each product; a row then gets one of its sector's or none.
        largest: 万元 a year, output of the largest row.

    Returns:
        Firms with ids in random order and with gaps.
    """
    luck = np.random.default_rng([seed, n])

    def share(low, high):
        return luck.uniform(low, high, n)

    sectors = luck.integers(0, N_SECTORS, n) if sector is None else np.full(n, sector)
    entrant = luck.random(n) < spare
    entrant[luck.integers(0, n)] = False
    weight = np.where(luck.random(n) < 0.5, 1.0, luck.integers(1, 50, n)).astype(np.float64)
    yearly = np.exp(luck.uniform(np.log(1.0), np.log(largest), n))
    size = yearly / weight
    size_class = np.searchsorted([2_000.0, 40_000.0, 133_000.0], size, side="right")
    energy = luck.pareto(1.5, (5, n)) * 0.02 * (luck.random((5, n)) < 0.8)
    bill = ENERGY_PRICES @ energy
    energy *= np.where(bill > 0.5, 0.5 / np.maximum(bill, 1e-12), 1.0)
    bill = ENERGY_PRICES @ energy
    added = share(0.05, 0.45)
    parts = luck.dirichlet(np.ones(4), n) * added[:, None] * 0.9
    product = products_of(sectors, luck, n_products, product_sector)
    money = np.rint(yearly[:, None] * luck.uniform(0.0, 0.5, (n, 3)) * 1e6).astype(np.int64)
    power = sectors < 2
    return Firms(
        firm=luck.permutation(3 * n)[:n].astype(np.int64),
        sector=sectors.astype(np.int8),
        park=luck.integers(0, N_PARKS, n).astype(np.int8),
        product=product,
        bank=luck.integers(0, banks, n).astype(np.int8),
        size_class=size_class.astype(np.int8),
        anchor=np.zeros(n, np.int8),
        above_scale=(size_class > 0) & (sectors < 21),
        entrant=entrant,
        relocated=entrant & (luck.random(n) < 0.5),
        small_power=size_class < 2,
        weight=weight,
        east=share(-30.0, 30.0),
        north=share(-30.0, 30.0),
        payback_cutoff=share(0.5, 6.0),
        age=np.where(entrant, 0.0, share(0.0, 40.0)),
        base_output=yearly / 4.0,
        base_capacity=yearly / 4.0 / share(0.7, 0.84),
        base_green_share=np.where(product >= 0, luck.choice([0.0, 0.3, 1.0], n), 0.0),
        value_added_share=added,
        wage_share=parts[:, 0],
        net_tax_share=parts[:, 1],
        depreciation_share=parts[:, 2],
        base_margin=added - parts[:, :3].sum(axis=1),
        material_share=1.0 - added - bill,
        coal_intensity=energy[0],
        gas_intensity=energy[1],
        oil_intensity=energy[2],
        electricity_intensity=energy[3],
        heat_intensity=energy[4],
        electricity_sold=np.where(power, share(0.0, 1.9), 0.0),
        heat_sold=np.where(power, share(0.0, 0.5), 0.0),
        process_intensity=np.where(luck.random(n) < 0.2, share(0.0, 3.0), 0.0),
        nox_intensity=share(0.0, 3.0),
        voc_intensity=share(0.0, 1.0),
        cod_intensity=share(0.0, 1.0),
        ammonia_intensity=share(0.0, 0.1),
        water_intensity=share(0.0, 50.0),
        waste_intensity=share(0.0, 2.0),
        roof_area=yearly * share(0.0, 1.0),
        pv_capacity=np.where(luck.random(n) < 0.1, share(0.0, 500.0), 0.0),
        cash=money[:, 0],
        debt=money[:, 1],
        capital=money[:, 2],
    )


def products_of(sectors, luck, n_products, product_sector):
    """Draw a product of each row: any or none, or one that its sector makes or none."""
    n = len(sectors)
    product = luck.integers(-1, n_products, n)
    if product_sector is not None:
        fits = (product >= 0) & (np.asarray(product_sector)[product] == sectors)
        product = np.where(fits, product, -1)
        for i in np.flatnonzero(~fits):
            made = np.flatnonzero(np.asarray(product_sector) == sectors[i])
            if len(made) and luck.random() < 0.8:
                product[i] = luck.choice(made)
    return product.astype(np.int8)
