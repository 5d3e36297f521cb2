"""A signal ends a command even where Python would lose the exception, or a pool would be left locked."""

import signal
import subprocess
import sys

import pytest
from conftest import ROOT

TOLD = """
import os, signal, sys, time, weakref
from concurrent.futures import ThreadPoolExecutor
from experiments.interrupting import heed_signals

def tell():
    os.kill(os.getpid(), int(sys.argv[2]))
    time.sleep(0.1)  # still deaf when the answer is tried again

class Closing:
    def __del__(self):
        tell()

class Referred:
    pass

class TellingPool(ThreadPoolExecutor):
    def _adjust_thread_count(self):  # called by submit, with its lock closed
        tell()

heed_signals()
try:
    exec(sys.argv[1])
    time.sleep(20)
except (KeyboardInterrupt, SystemExit) as end:
    print(type(end).__name__, *end.args)
"""
DEAF = (
    "Closing()",
    "gone = Referred(); weakref.finalize(gone, tell); del gone",
    "TellingPool().submit(int)",
)


@pytest.mark.parametrize("place", DEAF)
@pytest.mark.parametrize(("number", "end"), [(signal.SIGINT, "KeyboardInterrupt"), (signal.SIGTERM, "SystemExit 143")])
def test_a_signal_is_heard_where_an_exception_would_be_lost_or_do_harm(place, number, end):
    assert told(TOLD, place, str(int(number))) == end


def test_an_interruption_that_the_caller_ignores_stays_ignored():
    ignored = "import os, signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    ignored += "from experiments.interrupting import heed_signals; heed_signals()\n"
    assert told(ignored + "os.kill(os.getpid(), signal.SIGINT); print('went on')") == "went on"


def told(script: str, *arguments: str) -> str:
    """What a process prints; nothing is lost on its error stream."""
    words = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert not done.stderr
    return done.stdout.strip()
