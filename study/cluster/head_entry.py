"""What `study submit` runs on a head: are the versions those of the laptop? Then the study, else one line and no trial.

python -m study.cluster.head_entry --expect JSON [--file NAME=BASE64]... -- study run ...
"""

from __future__ import annotations

import argparse
import base64
import importlib.metadata
import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from study.planning.imports import source_digest
from trainables.config.errors import BadInput
from trainables.config.identity import CODE_VERSION


def versions() -> dict[str, str]:
    """What must be the same on the laptop and on the cluster."""
    return {
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "Ray": importlib.metadata.version("ray"),
        "this project": source_digest(),
        "the training code": str(CODE_VERSION),
    }


def require_same_versions(expected: Mapping[str, str], here: Mapping[str, str]) -> None:
    """Refuse where they differ.

    Raises:
        BadInput: names what differs, with both versions.
    """
    for name, version in expected.items():
        if here.get(name) != version:
            raise BadInput(
                name,
                here.get(name),
                f"the laptop has {version}; this checkout, its pins and Python come to a cluster by `ray up`, "
                "to Kubernetes in a new image",
            )


def main(arguments: Sequence[str]) -> int:
    """Check, put the study files in place, and become the command."""
    parser = argparse.ArgumentParser(prog="python -m study.cluster.head_entry", description=__doc__)
    parser.add_argument("--expect", required=True, type=json.loads)
    parser.add_argument("--file", action="append", default=[])
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args(arguments)
    try:
        require_same_versions(options.expect, versions())
    except BadInput as error:
        sys.stderr.write(f"bad input: {error}\n")
        return error.exit_code
    folder = Path.home() / "study-files"
    folder.mkdir(mode=0o700, exist_ok=True)
    for item in options.file:
        name, _, text = item.partition("=")
        (folder / Path(name).name).write_bytes(base64.b64decode(text))
    os.chdir(folder)
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    os.execvp(command[0], command)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
