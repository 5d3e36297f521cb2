"""Calibration: facts up to 2021, places in the cube of priors, what rules them out, and the draws that are left."""
