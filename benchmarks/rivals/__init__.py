"""Rivals of the compiled core: the same rules as whole-array numpy and as C, as one would write them there."""
