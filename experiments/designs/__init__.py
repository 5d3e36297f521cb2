"""Designs of experiments: which scenarios, levers, parameters, populations and seeds are run, and how often."""
