"""Who is there at the start and who buys from whom: firms drawn from public totals, and the supply network."""
