"""The `study` command: its subcommands, registered here and defined in the files beside, and its exit codes."""

from __future__ import annotations

from study.planning import imports

if __name__ == "__main__":  # before all else is imported, for `python -m` has put the working folder in front
    imports.working_folder_last()

# isort: split
import contextlib
import os
import sys
from typing import NoReturn

import typer

from study.cli import folder_commands, report_commands, study_commands
from trainables.config.errors import BadInput, StudyError

app = typer.Typer(
    name="study",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=(
        "Ask what a hyperparameter does, and get an answer with intervals.\n\n"
        "A study is a question with its arms, seeds and claims. `study list` shows what there is; `study plan NAME` "
        "what it would cost; `study run NAME` trains what is missing; `study report DIR` says what came out. `chapter` "
        "stands for all studies of the chapter; a path to a study file (.yaml or .py) works wherever a NAME does.\n\n"
        "Exit codes: 0 done, 1 failed, 2 bad input, 3 data, 4 results folder, 5 Ray, 6 some trials failed, "
        "7 some statements lack records, 130 interrupted."
    ),
)

app.command("list")(study_commands.list_)
for command in (
    study_commands.show,
    study_commands.knobs,
    study_commands.data,
    study_commands.plan,
    study_commands.run,
    study_commands.submit,
    study_commands.status,
    study_commands.replay,
    folder_commands.diff,
    folder_commands.verify,
    folder_commands.repair,
    folder_commands.merge,
    report_commands.report,
    report_commands.claims,
    report_commands.figures,
    report_commands.tables,
):
    app.command()(command)


def main() -> None:
    """Run the command line; errors that a person can act on are one line and an exit code of their own."""
    try:
        app()
    except StudyError as error:
        kind = "bad input: " if isinstance(error, BadInput) else "" if error.exit_code == 130 else "error: "
        print(f"{kind}{error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(1)


def entry() -> NoReturn:
    """The console command: `main`, then out at once.

    The normal way out of the interpreter ends libraries' threads in no set order, and on a busy machine one of them has
    aborted after all was done (exit code 134). Nothing is left to be done there: Ray is shut down and files are closed.
    """
    code: object = 0
    imports.working_folder_last()
    try:
        main()
    except SystemExit as end:
        code = end.code
    with contextlib.suppress(OSError):  # nobody reads any more
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 0 if code is None else 1)


if __name__ == "__main__":
    entry()
