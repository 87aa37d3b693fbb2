"""How an arm is called where arms of several studies are named: `STUDY/ARM`."""

from __future__ import annotations

from study.spec.study import Study


def full_arm_name(study: Study, arm: str) -> str:
    """An arm with its study."""
    return arm if "/" in arm else f"{study.name}/{arm}"
