"""All profiles, in the order of the page."""

from benchmarks.profiles import Profile
from benchmarks.profiles.answering import lever
from benchmarks.profiles.building import building
from benchmarks.profiles.compiling import compiling
from benchmarks.profiles.memory import memory
from benchmarks.profiles.quarter import quarter
from benchmarks.profiles.starting import starting
from benchmarks.profiles.sweeping import sweeping
from benchmarks.profiles.threads import two_threads

QUARTER = Profile("Phases of a quarter", quarter)
BUILDING = Profile("Building a population", building)
MEMORY = Profile("Memory by array", memory)
THREADS = Profile("Two threads", two_threads)
LEVER = Profile("From a lever to data", lever)
SWEEPING = Profile("Overhead of a sweep", sweeping)
COMPILING = Profile("Compiling from cold", compiling)
STARTING = Profile("From start to first quarter", starting)
PROFILES = (QUARTER, BUILDING, MEMORY, THREADS, LEVER, SWEEPING, COMPILING, STARTING)
