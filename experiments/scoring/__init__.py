"""Forecasts that are frozen, naive rivals frozen beside them, and the scores of both when facts come."""
