"""Whether this machine can play several: root, namespaces, and the tools that are needed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


PACKAGES = {"sshd": "openssh-server", "ssh": "openssh-client", "rsync": "rsync", "ip": "iproute2"}


class Unfit(Exception):
    """This machine cannot hold others, and why."""


def need_tools() -> None:
    """Install what the machines need where it is missing.

    Raises:
        Unfit: not root, not Linux, no namespaces, or a tool cannot be installed.
    """
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        raise Unfit("these tests need root on Linux: sudo make e2e")
    path = f"{os.environ.get('PATH', '')}:{SYSTEM_PATH}"
    missing = [package for tool, package in PACKAGES.items() if shutil.which(tool, path=path) is None]
    if missing:
        environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *missing]):
            _try(["apt-get", *words], f"these tests need {', '.join(missing)}", env=environ, timeout=300)
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    mounts = "mount -t tmpfs none /media && mkdir /media/u /media/w /media/r && "
    mounts += "mount -t overlay none -o lowerdir=/,upperdir=/media/u,workdir=/media/w /media/r"
    words = ["unshare", "--net", "--mount", "--pid", "--fork", "--uts", "--ipc", "sh", "-ec", mounts]
    _try(words, "these tests need a Linux that lets root make namespaces and overlays (no plain container does)")
    name = f"e2e{uuid.uuid4().hex[:5]}"
    words = ["ip", "link", "add", name, "type", "bridge"]
    _try(["unshare", "--net", *words], "these tests need a kernel with bridges")


def _try(words: Sequence[str], otherwise: str, **options: Any) -> None:
    options = {"timeout": 60, **options}
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, **options)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unfit(f"{otherwise}: {error}") from None
    if done.returncode:
        raise Unfit(f"{otherwise}: {' '.join(done.stderr.split())[-200:]}")
