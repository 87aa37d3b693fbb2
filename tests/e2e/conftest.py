"""Several machines for one test: tools installed, nothing left behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import checkout, image
from tests.e2e.fitness import Unfit, need_tools
from tests.e2e.hosts import Net, terminable
from tests.e2e.s3 import CREDENTIALS

ENVIRON = {
    **CREDENTIALS,
    "STUDY_DATA_DIR": "/root/data",
    "STUDY_CHECKPOINT_SECONDS": "3",
    "STUDY_STALL_SECONDS": "3600",  # a trial that waits at the gate does not hang
    "OMP_NUM_THREADS": "1",
    "AUTOSCALER_HEARTBEAT_TIMEOUT_S": "10",
    "RAY_DEFAULT_OBJECT_STORE_MAX_MEMORY_BYTES": "80000000",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AUTH_MODE": "token",
}
"""What every login on every machine sees: small stores, quick decisions, and the credentials of the played cloud."""


@pytest.fixture(scope="session")
def tools() -> None:
    """Root, namespaces and every tool, before anything else takes time."""
    try:
        need_tools()
    except Unfit as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def net(tools: None) -> Iterator[Net]:
    """No machines yet, but a laptop to be: tools are there, and whatever is started here ends here."""
    state = Path(tempfile.mkdtemp(prefix="machines-"))
    try:
        with (
            terminable(),
            Net(state, keep=image.borrowed(), environ=dict(ENVIRON), image=image.build(state / "image")) as made,
        ):
            yield made
    finally:
        shutil.rmtree(state, ignore_errors=True)


@pytest.fixture(scope="session")
def undisturbed(tools: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results folder of the study of these tests, run on this machine alone."""
    folder = tmp_path_factory.mktemp("undisturbed")
    checkout.write_data(folder)
    file = checkout.write_study(folder, epochs=checkout.EPOCHS)
    words = ["run", str(file), "--seeds", "2", "--results", str(folder / "results"), "--data-dir", str(folder)]
    environ = {k: v for k, v in os.environ.items() if not k.startswith("RAY_")}
    command = [sys.executable, "-m", "study.cli", *words, "--cpus", "2"]
    with terminable():
        for _ in range(3):  # on a machine that is very busy, Ray may need a second try to start at all
            if (code := subprocess.run(command, cwd=checkout.ROOT, env=environ, check=False).returncode) == 0:
                return folder / "results"
    raise AssertionError(f"the study does not run on this machine alone: {code}")
