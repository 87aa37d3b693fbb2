"""The arguments of whoever calls from Python: their kinds, and their own names in what the command says of options."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable, Iterable
from typing import ParamSpec, TypeVar

from study.planning.seeds import EXPECTED
from trainables.config.errors import BadInput, StudyError
from trainables.config.from_numpy import as_plain
from trainables.config.paths import expanded

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
    text = text.replace("the same command", "the same call").replace("use --wait to", "use wait=True to")
    text = re.sub(r"--(executor|device|precision) (ray|inline|auto|cpu|cuda|fp32|bf16)\b", r'\1="\2"', text)
    return OPTION.sub(lambda found: found[1] or found[2].replace("-", "_"), text)


INTERRUPTED_EXIT_CODE = 130
"""How a command ends that a signal ended."""


def interrupted(text: str) -> KeyboardInterrupt:
    """What a call raises that was interrupted: Python's own, which ends a script as Ctrl-C does; a notebook shows that.

    >>> interrupted("saved")
    KeyboardInterrupt('saved')
    """
    ended = KeyboardInterrupt(text)
    ended.__dict__["_render_traceback_"] = lambda: [text]  # of a subclass Python ends with 1, where 130 is meant
    return ended


def says_arguments(function: Callable[P, R]) -> Callable[P, R]:
    """A function whose errors speak of its arguments; where a signal ends it, it raises KeyboardInterrupt."""

    @functools.wraps(function)
    def spoken(*args: P.args, **more: P.kwargs) -> R:
        try:
            return function(*args, **more)
        except StudyError as error:
            if error.exit_code == INTERRUPTED_EXIT_CODE:  # who skips what is refused does not mean Ctrl-C
                raise interrupted(in_python_words(str(error))) from None
            error.args = (in_python_words(str(error)),)
            raise

    return spoken


def given_path(argument: str, given: object) -> str:
    """The path or URL that an argument gives, its `~` written out.

    Raises:
        BadInput: it is none.
    """
    text = os.fspath(given) if isinstance(given, os.PathLike) else given
    if not isinstance(text, str) or not text.strip():
        raise BadInput(argument, given, "expected a path, as text or pathlib.Path")
    return expanded(argument, text)


def given_flag(argument: str, given: object) -> bool:
    """Whether an argument is set.

    Raises:
        BadInput: it is neither True nor False.
    """
    plain = as_plain(given)
    if not isinstance(plain, bool):
        raise BadInput(argument, plain, "expected True or False")
    return plain


def given_names(argument: str, given: object) -> tuple[str, ...]:
    """The name or the names that an argument gives.

    Raises:
        BadInput: it gives something else.
    """
    names = (given,) if isinstance(given, str) or not isinstance(given, Iterable) else tuple(given)
    if odd := [name for name in names if not isinstance(name, str)]:
        raise BadInput(argument, odd[0], "expected a name, or several")
    return names


def given_seeds(given: object) -> int | str | tuple[int, ...]:
    """How many seeds an argument asks for, or which; NumPy's are taken for what they are, `read_seeds` checks them.

    >>> import numpy as np
    >>> given_seeds(np.arange(3)), given_seeds(np.int64(5)), given_seeds({0, 2})
    ((0, 1, 2), 5, (0, 2))

    Raises:
        BadInput: it is no number, no text and no list.
    """
    plain = as_plain(given)
    if isinstance(plain, int) and not isinstance(plain, bool):
        return plain
    if isinstance(plain, Iterable) and not isinstance(plain, str | bytes):
        seeds = tuple(as_plain(seed) for seed in plain)
        if odd := [seed for seed in seeds if type(seed) is not int]:
            raise BadInput("seeds", odd[0], EXPECTED)
        return seeds
    if not isinstance(plain, str):
        raise BadInput("seeds", plain, EXPECTED)
    return plain
