"""How a command ends when it is told to: at once, but where an exception is heard.

Python raises the answer to a signal on whatever line is at work. In a destructor, in the callback of a weak reference,
or where the compiler's C library calls back, an exception is printed and lost, and the command would go on as if nobody
had spoken; while work is handed to a pool, it may leave a lock closed for ever. There the answer is put off and tried
again a moment later.
"""

import signal
import sys
from types import FrameType

TERMINATED = 143
DEAF_MODULES = ("llvmlite", "weakref", "_weakrefset", "concurrent.futures.thread", "concurrent.futures.process")
MOMENT = 0.02  # s


def heed_signals() -> None:
    """End on Ctrl-C and on SIGTERM; a signal that the caller ignores, as `nohup` does, stays ignored."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, answer)
    if hasattr(signal, "SIGTERM"):
        signal.signal(signal.SIGTERM, answer)


def answer(number: int, frame: FrameType | None) -> None:
    """End the command, now or as soon as an exception is heard."""
    if is_deaf(frame) and hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, lambda _, later: answer(number, later))
        signal.setitimer(signal.ITIMER_REAL, MOMENT)
    elif number == signal.SIGINT:
        raise KeyboardInterrupt
    else:
        sys.exit(TERMINATED)


def is_deaf(frame: FrameType | None) -> bool:
    """Whether an exception that is raised here may be lost on its way to the command, or do harm there."""
    while frame is not None:
        module = str(frame.f_globals.get("__name__"))
        if frame.f_code.co_name == "__del__" or any(f"{module}.".startswith(f"{deaf}.") for deaf in DEAF_MODULES):
            return True
        frame = frame.f_back
    return False
