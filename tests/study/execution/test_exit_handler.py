"""A signal ends a process with the code of a broken Ray, whatever holds Python, memory and locks."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from study.execution import exit_handler
from trainables.config.errors import EngineError

HELD = """
import ctypes, os, sys
from study.execution import exit_handler as e
if sys.argv[1] == "elsewhere":
    e.EXIT_GROUP.clear()
handler = e.exit_handler()
print(handler.signal)
sys.stdout.flush()
libc = ctypes.PyDLL(None)  # its calls hold the interpreter
libc.signal.argtypes = [ctypes.c_int, ctypes.c_void_p]
libc.signal(handler.signal, handler.address)
libc.kill(os.getpid(), handler.signal)
libc.pause()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone has these calls")
@pytest.mark.parametrize(("where", "number"), [("here", int(signal.SIGRTMAX) - 3), ("elsewhere", int(signal.SIGTRAP))])
def test_a_signal_ends_the_process_with_the_code(where: str, number: int) -> None:
    if where == "here" and exit_handler.exit_handler().signal == signal.SIGTRAP:
        pytest.skip("no machine code for this processor, or memory cannot be made executable")
    run = subprocess.run([sys.executable, "-c", HELD, where], capture_output=True, text=True, timeout=60)
    assert run.returncode == EngineError.exit_code, run.stderr
    assert run.stdout == f"{number}\n"
    assert EngineError.exit_code == signal.SIGTRAP, "C's `_exit` is its handler"
