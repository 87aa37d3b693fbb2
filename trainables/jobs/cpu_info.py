"""What Linux says of this machine's processor. No torch is imported here."""

from __future__ import annotations

import platform
from itertools import takewhile
from pathlib import Path


def cpu_facts(text: str | None = None) -> dict[str, str]:
    r"""What `/proc/cpuinfo`, or a text like it, says of the first core; nothing where there is no such file.

    >>> cpu_facts("model name : one\nflags : avx2\n\nmodel name : two")
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


def cpu_name() -> str:
    """How records name this machine's processor."""
    known = cpu_facts()
    return known.get("model name", platform.machine()) if known else platform.processor() or platform.machine()


def has_bf16(text: str | None = None) -> bool:
    """Whether this machine's processor multiplies bf16 numbers itself; a trial in bf16 is slow without.

    Takes what Linux says of the processor; where nothing is known, none is said to be slow.

    >>> has_bf16("flags : fpu avx2 fma"), has_bf16("flags : fpu avx2 avx512_bf16"), has_bf16("")
    (False, True, True)
    """
    known = cpu_facts(text)
    flags = known.get("flags", known.get("Features"))
    return flags is None or not {"avx512_bf16", "amx_bf16", "bf16"}.isdisjoint(flags.lower().split())
