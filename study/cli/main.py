"""The `study` command: its subcommands, registered here and defined in the files beside, and its exit codes."""

from __future__ import annotations

from study.planning import imports

if __name__ == "__main__":  # before all else is imported, for `python -m` has put the working folder in front
    imports.working_folder_last()

# isort: split
import contextlib
import errno
import gc
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn, TextIO

import typer

from analysis.text.plain_text import printable
from study.app.nothing_trained import notes_of
from study.app.wrapping import say, say_after_ctrl_c
from study.cli import (
    decide_command,
    demo_command,
    folder_commands,
    live_command,
    report_commands,
    show_command,
    study_commands,
)
from study.cli.help_page import Command, Commands
from study.planning.wishes import WISHES
from trainables.config.errors import NoResults, StoreError, StudyError
from trainables.config.owners import REFUSED, owner_words

NEW_OBJECTS = 20_000
"""So many are made until Python looks which it can free: most of a command's are modules and records, and stay. At its
own 700 a twentieth of the time of `study claims` went into looking."""

app = typer.Typer(
    name="study",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("list", cls=Command)(study_commands.list_)
for command in (
    demo_command.demo,
    show_command.show,
    study_commands.plan,
    study_commands.run,
    decide_command.decide,
    study_commands.submit,
    study_commands.status,
    live_command.live,
    report_commands.report,
    report_commands.claims,
    report_commands.export,
    folder_commands.diff,
    folder_commands.verify,
    folder_commands.repair,
    folder_commands.merge,
    folder_commands.upgrade,
):
    app.command(cls=Command)(command)


def _version(asked: bool) -> None:
    if asked:
        from importlib import metadata

        print(f"study {metadata.version('hyperparameter-study')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and end.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """What does this hyperparameter do? Many small trainings, an honest answer."""


def main() -> None:
    """Run the command line; errors that a person can act on are one line and an exit code of their own."""
    show_every_letter()
    forget_no_columns()
    try:
        app()
    except StudyError as error:
        ended = error.exit_code == 130
        for i, line in enumerate(printable(str(error)).splitlines()):
            (say_after_ctrl_c if ended and not i else say)(line if ended else f"error: {line}")
        for note in (*_folders_near(error), *notes_of(error)):
            say(printable(note))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        say_after_ctrl_c("interrupted")
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(1)
    except OSError as error:
        if error.filename is None and not _takes_words(sys.stdout):
            _say_unwritten(error)
        else:
            say(f"error: {printable(_refusal(error))}")
        sys.exit(StoreError.exit_code)


def _folders_near(error: StudyError) -> tuple[str, ...]:
    """Which results folders there are, where the one that was named is not."""
    if not isinstance(error, NoResults):
        return ()
    from study.app.folders import meant_folders

    return tuple(filter(None, [meant_folders(error.where)]))


def _takes_words(stream: TextIO) -> bool:
    """Whether its disk takes one more line: the error of a full one does not say which of several files it was."""
    try:
        if not stream.isatty():
            stream.write("\n")
        stream.flush()
    except OSError:
        return False
    return True


def _refusal(error: OSError) -> str:
    """What the system refused, of which nobody nearer has said a word: the file where the error names it, and why."""
    name = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else ""
    why = error.strerror or str(error) or "the reason is not known"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        where = f"for {name}" if name else f"in the results folder, or in {tempfile.gettempdir()} (TMPDIR)"
        return f"no space is left {where}: free some"
    if "no usable temporary directory" in why.lower():
        return "no temporary folder can be written; set TMPDIR to one that can"
    cause = why[:1].lower() + why[1:]
    owner = owner_words(name) if name and error.errno in REFUSED else ""
    whose = f" ({owner}): choose another folder" if owner else ""
    return f"{name} cannot be read or written: {cause}{whose}" if name else f"the system refused: {cause}"


def _say_unwritten(error: OSError) -> None:
    """A line on the command's own words, which could not be written."""
    say(f"error: standard output cannot be written: {(error.strerror or 'the reason is not known').lower()}")


def show_every_letter() -> None:
    """A letter that the terminal's encoding lacks becomes `?`, and no error; a closed stream takes all words."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  # until the end
    for stream in (sys.stdout, sys.stderr):
        if (reconfigure := getattr(stream, "reconfigure", None)) is not None:
            with contextlib.suppress(OSError, ValueError):
                reconfigure(errors="replace")


def forget_no_columns() -> None:
    """A window of no columns, as some shells and tools say, is one of unknown width: Rich would write nothing."""
    said = os.environ.get("COLUMNS", "")
    if said and not said.strip("0"):
        del os.environ["COLUMNS"]


@contextlib.contextmanager
def place_for_matplotlib() -> Iterator[None]:
    """Within, Matplotlib has a folder that it can write to; one of ours goes away afterwards.

    It makes one itself where the home cannot be written, says so in two lines, and removes it only in an orderly exit.
    """
    if "MPLCONFIGDIR" in os.environ or _writable_home():
        yield
        return
    with contextlib.ExitStack() as until:
        with contextlib.suppress(OSError):  # nothing can be written at all, and most commands need nothing
            folder = tempfile.TemporaryDirectory(prefix="study-matplotlib-", ignore_cleanup_errors=True)
            os.environ["MPLCONFIGDIR"] = until.enter_context(folder)
        yield


def _writable_home() -> bool:
    """Whether Matplotlib could make its folders for configuration and cache."""
    try:
        for variable, below in (("XDG_CONFIG_HOME", "~/.config"), ("XDG_CACHE_HOME", "~/.cache")):
            place = Path(os.environ.get(variable) or Path(below).expanduser()) / "matplotlib"
            place = next(p for p in (place, *place.parents) if p.exists())
            Path(tempfile.mkdtemp(prefix=".study-", dir=place)).rmdir()  # only trying tells, not the mode
    except (OSError, RuntimeError, StopIteration):
        return False
    return True


def signals_are_ctrl_c() -> None:
    """SIGTERM and SIGHUP end a command as Ctrl-C does, from its first moment: with 130, and what it made removed.

    A run hears them itself while it trains. One that is ignored, as under nohup, stays so. A second one of the same
    wish does not disturb the tidying.
    """

    def receive(_number: int, _frame: FrameType | None) -> None:
        if WISHES.is_new():
            raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, receive)


def entry() -> NoReturn:
    """The console command: `main`, then out at once.

    The normal way out of the interpreter ends libraries' threads in no set order, and on a busy machine one of them has
    aborted after all was done (exit code 134). Nothing is left to be done there: Ray is shut down and files are closed.
    """
    code: object = 0
    gc.set_threshold(NEW_OBJECTS)
    signals_are_ctrl_c()
    imports.working_folder_last()
    with place_for_matplotlib():
        try:
            main()
        except SystemExit as end:
            code = end.code
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # nobody reads any more
        pass
    except OSError as error:
        if not code:
            _say_unwritten(error)
            code = StoreError.exit_code
    with contextlib.suppress(OSError):  # what it does not take is lost; the code is not
        sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 0 if code is None else 1)


if __name__ == "__main__":
    entry()
