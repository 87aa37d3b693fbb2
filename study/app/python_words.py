"""What the command says of its options, in the words of whoever calls from Python: `data_dir`, not `--data-dir`."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from trainables.config.errors import StudyError

P = ParamSpec("P")
R = TypeVar("R")

OPTION = re.compile(
    r"(`[^`]*`)|(?<![\w-])--(results|data-dir|executor|device|precision|metrics|cpus|seeds|quick|difference)(?![\w-])"
)
"""An option that is an argument too; what stands between backquotes is a command, and stays."""


def in_python_words(text: str) -> str:
    """A sentence with arguments in place of options.

    >>> in_python_words("name one by --data-dir; `study plan x --seeds 5` shows it")
    'name one by data_dir; `study plan x --seeds 5` shows it'
    """
    text = re.sub(r"--(executor|device|precision) (ray|inline|auto|cpu|cuda|fp32|bf16)\b", r'\1="\2"', text)
    return OPTION.sub(lambda found: found[1] or found[2].replace("-", "_"), text)


def says_arguments(function: Callable[P, R]) -> Callable[P, R]:
    """A function whose errors speak of its arguments."""

    @functools.wraps(function)
    def spoken(*args: P.args, **more: P.kwargs) -> R:
        try:
            return function(*args, **more)
        except StudyError as error:
            error.args = (in_python_words(str(error)),)
            raise

    return spoken
