"""The nine closing questions of the chapter, answered with what was measured; and where its text and code disagree."""

from __future__ import annotations

from collections.abc import Mapping

from analysis.frames import Frames
from analysis.report.page import Answer, Block
from study.spec import Study


def answers(studies: Mapping[str, Study], frames: Frames, links: Mapping[str, str]) -> tuple[list[Answer], list[str]]:
    """stub"""
    return [], []


def disagreements(studies: Mapping[str, Study], frames: Frames) -> list[Block]:
    """stub"""
    return []
