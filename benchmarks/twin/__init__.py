"""The model a second time, as one would write it in Mesa: an object for each firm, phases as methods, no compiler.

It calls the same rules, interpreted, and must reach the same numbers bit by bit; the compiled model must be far faster.
"""
