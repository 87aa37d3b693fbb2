"""A number of a process means something where it was given alone."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

from study.storage.this_machine import is_among_ours, kernel, signature


def test_a_process_of_here_is_among_ours_and_one_of_another_start_or_name_is_not() -> None:
    said = signature()
    assert said.pid == os.getpid() and is_among_ours(said.host, said.kernel)
    assert not is_among_ours("elsewhere", kernel()) and not is_among_ours(platform.node(), "elsewhere")
    assert not is_among_ours(platform.node(), None)


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="makes a namespace of processes")
def test_a_container_of_the_same_name_has_processes_of_its_own() -> None:
    program = [sys.executable, "-c", "from study.storage.this_machine import kernel; print(kernel())"]
    found = subprocess.run(
        ["unshare", "--pid", "--fork", "--mount-proc", *program], capture_output=True, text=True, check=False
    )
    if found.returncode:
        pytest.skip("no namespaces here")
    assert found.stdout.strip() and found.stdout.strip() != kernel()
