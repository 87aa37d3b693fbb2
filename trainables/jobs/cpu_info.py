"""What Linux says of this machine's processor. No torch is imported here."""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path


def facts(text: str | None = None) -> dict[str, str]:
    r"""What `/proc/cpuinfo`, or a text like it, says of the first core; nothing where there is no such file.

    >>> facts("model name : one\nflags : avx2\n\nmodel name : two")
    {'model name': 'one', 'flags': 'avx2'}
    """
    if text is not None:
        lines = text.splitlines()
    else:
        try:
            with Path("/proc/cpuinfo").open(encoding="utf-8") as file:  # of many cores: not read to its end
                lines = list(takewhile(str.strip, file))
        except OSError:
            return {}
    pairs = (line.split(":", 1) for line in takewhile(str.strip, lines) if ":" in line)
    return {name.strip(): value.strip() for name, value in pairs}
