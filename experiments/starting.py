"""What a command does before anything else."""

import atexit
import gc

RARELY = (500_000, 20, 100)  # new objects, and collections of younger ones, between two collections


def collect_rarely() -> None:
    """Look rarely for cycles that nobody can reach, and not at all when the command is over.

    Loading makes 300,000 objects, most of which stay. To look at them again and again takes a tenth of the time from a
    command to its first quarter, a single time a twentieth, and a last time, at the end, a quarter of it.
    """
    gc.set_threshold(*RARELY)
    atexit.register(gc.freeze)  # what is frozen is passed over; the system takes all memory back at once
