"""What a command does before anything else."""

import gc

RARELY = (200_000, 50, 100)  # new objects, and collections of younger ones, between two collections


def collect_rarely() -> None:
    """Look for cycles that nobody can reach rarely.

    Loading makes a million objects that stay; to look at them again and again takes a tenth of the time from a command
    to its first quarter.
    """
    gc.set_threshold(*RARELY)
