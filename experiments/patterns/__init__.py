"""Patterns that nothing is fitted to: a statistic for each, and the same statistic of the null model that must fail."""
