"""Many runs that survive crashes: one run is one file, named by what it is a run of, complete or not there at all."""
