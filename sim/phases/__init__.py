"""The phases of a quarter, one module each, in the order of sim/quarter.py."""
