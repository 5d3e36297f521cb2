"""How fast the model is, measured: `make bench`, or `python -m benchmarks --quick`."""
