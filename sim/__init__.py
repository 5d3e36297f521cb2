"""The simulator: parameters, population, networks, kernels and the quarter."""
