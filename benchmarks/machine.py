"""On what was measured: processor, load, versions."""

import importlib.metadata
import os
import platform
import subprocess
from collections.abc import Iterator
from pathlib import Path

from benchmarks.rivals.in_c import compiler

LIBRARIES = ("numba", "llvmlite", "numpy", "pandas")


def machine() -> Iterator[str]:
    """Lines of Markdown."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    yield f"- {processor()}, {processors} processors, {memory()}load {os.getloadavg()[0]:.2f} at the start"
    libraries = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)
    if found := compiler():
        told = subprocess.run([found, "--version"], check=False, capture_output=True, text=True).stdout
        libraries += f", C: {told.splitlines()[0]}" if told else ""
    yield f"- {platform.system()} {platform.machine()}, Python {platform.python_version()}, {libraries}"


def processor() -> str:
    """Name of the processor, where the system tells it."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        text = ""
    names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown processor"


def memory() -> str:
    """Memory of the machine, where the system tells it."""
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError):
        return ""
    return f"{size / (1 << 30):.0f} GiB, "
