"""The first page of help: where to start, then the commands in groups by purpose; and what old names are called now."""

from __future__ import annotations

import contextlib
import re
import shlex
from collections.abc import Iterable, Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from study.app.nothing_trained import says_nothing_was_trained
from study.app.wrapping import say_after_ctrl_c
from trainables.config.errors import NotFound, StudyError
from trainables.config.nearest import did_you_mean

GROUPS: dict[str, dict[str, str]] = {
    "Look first": {
        "demo": "a small study with its page, in minutes",
        "list": "the studies, each with its question and cost",
        "show": "one study: arms, knobs, claims; --knobs lists what an arm may change",
        "plan": "cost, what is on record, what so many seeds would decide",
    },
    "Train": {
        "run": "train what is missing on this machine; again to go on",
        "decide": "add seeds where they decide a claim, cheapest first",
        "submit": "the same on a cluster",
    },
    "Watch": {
        "status": "what runs, what is missing; --watch keeps it on the screen",
        "live": "the report in a browser while it runs",
    },
    "Read": {
        "report": "the page: answers, curves, tables, every trial",
        "claims": "the verdicts, a line each",
        "export": "figures, tables or numbers as files",
    },
    "Look after results": {
        "diff": "what differs between two results folders",
        "verify": "is every record sound?",
        "repair": "move what is damaged to quarantine/, say what must be trained again",
        "merge": "unite two results folders",
        "upgrade": "copy a folder of an older version to the newest format",
    },
}
START = (
    ("study demo", "see one work: no file needed"),
    ("study plan dropout", "what would it cost"),
    ("study run dropout", "train what is missing; again to go on"),
)
END = """\
NAME is a study of `study list`, `chapter` for its first 12, or a file
(.yaml, .py). Its results go to results/NAME. DIR is a results folder. Left
out, it is that of the last run from here. repair, merge and upgrade need it.
study COMMAND --help says more. So do study --version, --install-completion.
exit: 0 done, 1 failed, 2 input, 3 data, 4 folder, 5 Ray, 6 trials failed,
      7 claims lack records, 130 interrupted
"""
TRAIN = ("demo", "run", "decide")
"""Commands that train on this machine: where one is refused, it says that nothing was trained."""
RENAMED = {
    "figures": "study export DIR --to figures",
    "tables": "study export DIR --to tables",
    "replay": "study show --replay DIR",
    "knobs": "study show --knobs",
    "data": "study show --data NAME --fetch",
}
OF_A_STUDY = {"replay": "study show NAME --replay DIR", "knobs": "study show NAME --knobs"}
"""The same where a study is named too: before the folder, or alone where no folder is asked for."""
FLAGS = ("--fetch", "--knobs")
"""Options of these that take no value."""


class RenamedCommand(StudyError):
    """A command that has another name now; `typed`: all that stood after it, which stands in the new one too."""

    exit_code = 2

    def __init__(self, old: str, typed: Sequence[str] = ()) -> None:
        words, options = _words_and_options(typed)
        new = RENAMED[old]
        if len(words) > sum(place in new.split() for place in PLACES):
            new = OF_A_STUDY.get(old, new)
        parts = new.split()
        for place in PLACES:
            if place in parts and words:
                parts[parts.index(place)] = shlex.quote(words.pop(0))
        more = [shlex.quote(word) for word in (*words, *options) if word not in parts]
        super().__init__(f"{old} is now: {' '.join([*parts, *more])}")


PLACES = ("NAME", "DIR")
"""What a person fills in, in the order in which it is typed."""


def _words_and_options(typed: Sequence[str]) -> tuple[list[str], list[str]]:
    """What stands alone, and the options with their values.

    >>> _words_and_options(["a", "--out", "b", "--fetch", "c"])
    (['a', 'c'], ['--out', 'b', '--fetch'])
    """
    words, options, value = list[str](), list[str](), False
    for word in typed:
        option = word.startswith("-")
        (options if option or value else words).append(word)
        value = option and "=" not in word and word not in FLAGS
    return words, options


class Commands(TyperGroup):
    """The commands, with a page of help of their own."""

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002  # the interface's
        """Write the page."""
        formatter.write("\n".join(page(set(self.commands))) + "\n" + END)

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        """Read the options before a command; words that these cannot take are refused in a line of ours.

        No words at all are --help.
        """
        try:
            return super().parse_args(ctx, args or ([] if ctx.resilient_parsing else ["--help"]))
        except USAGE_ERROR as error:
            raise WrongWords(_refused(error, "")) from None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """An old name says the new one, a misspelt one the nearest; `help` is --help, of a command too."""
        if args == ["help"]:
            typer.echo(ctx.get_help())
            ctx.exit()
        if args[0] == "help":
            args = [args[1], "--help"]
        if args[0] in RENAMED and args[0] not in self.commands:
            raise RenamedCommand(args[0], args[1:])
        if args[0] not in self.commands and not args[0].startswith("-"):
            raise NotFound("command", args[0], _meant(args[0], self.commands))
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for; words that it cannot take are refused in a line of ours."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:  # of which the library that reads options says nothing
            say_after_ctrl_c("interrupted")
            raise typer.Exit(130) from None
        except USAGE_ERROR as error:
            command = str(ctx.invoked_subcommand)
            with says_nothing_was_trained() if command in TRAIN else contextlib.nullcontext():
                raise WrongWords(_refused(error, command)) from None


USAGE_ERROR: Any = typer.BadParameter.__bases__[0]
"""What the library that reads options raises for words that it cannot take; it has no name of its own there."""


class WrongWords(StudyError):
    """Words after a command that it does not take."""

    exit_code = 2


def _refused(error: Any, command: str) -> str:
    """What is wrong with the words of a command, in a line."""
    of = f"study {command}".rstrip()
    said = in_our_words(error.format_message()).rstrip(".")
    if error.ctx is not None and hasattr(error, "possibilities"):
        said = _no_such_option(error.option_name, error.ctx.command.get_params(error.ctx), command)
    return f"{of}: {said}{'' if said.endswith('?') else ';'} {of} --help says more"


def _no_such_option(option: str, params: Iterable[Any], command: str) -> str:
    """That there is none, and what would be right: where it belongs, the nearest one, or the argument of that sense."""
    if not command:
        known = {"version": "--version", "help": "--help"}
    else:
        known = {name.lstrip("-"): name for p in params if p.param_type_name == "option" for name in p.opts}
    near = did_you_mean(option.lstrip("-"), known)
    near = re.sub(r"mean (\S+)\?", lambda m: f"mean {known[m[1]]}?", near)
    if option == "--results" and any(p.metavar == "DIR" and p.param_type_name == "argument" for p in params):
        near = f"; the folder stands alone: study {command} DIR"
    return f"there is no option {option}{near}" + ("" if command or near else " before a command")


def _meant(word: str, commands: Iterable[str]) -> str:
    """What was meant by a word that is no command: a study, the command that is nearest, or nobody knows."""
    from study.spec import registry  # wanted after a mistake alone

    if word.endswith((".yaml", ".yml", ".py")) or word in registry.names():
        return f"it names a study, so: {shlex.join(['study', 'plan', word])}"
    return did_you_mean(word, commands).removeprefix("; ") or "`study --help` lists them"


IN_OUR_WORDS = (
    (r"Input should be greater than or equal to (\S+)", r"expected \1 or more"),
    (r"Input should be greater than (\S+)", r"expected more than \1"),
    (r"Input should be less than or equal to (\S+)", r"expected \1 at most"),
    (r"Input should be less than (\S+)", r"expected less than \1"),
    (r"Input should be a valid integer.*", "expected a whole number"),
    (r"Input should be a valid number.*", "expected a number"),
    (r"Missing (?:argument|option|parameter) '(.*)'\.?", r"\1 is missing"),
    (r"Got unexpected extra argument(?:s|\(s\))? \((.*)\)", r"too many words: \1"),
    (r"Option '(.*)' requires an argument", r"\1 needs a value"),
    (r"Option '(.*)' does not take a value", r"\1 takes no value"),
    (r"Invalid value for '([^']*)': ", r"\1: "),
)


def in_our_words(message: str) -> str:
    """A message of the library that reads options, in our words.

    >>> in_our_words("Input should be a valid integer, unable to parse string as an integer")
    'expected a whole number'
    """
    for theirs, ours in IN_OUR_WORDS:
        message = re.sub(theirs, ours, message)
    return message


PLAIN = (
    (r"^(\S+) <.*>$", r"\1"),
    (r"^\{(.*)\}", r"\1"),
    (r"^\[\[(.*)\]\]", r"[\1]"),
    (r"(\d+)<=x<=(\d+)", r"\1 to \2"),
    (r"x>=(\d+)", r"\1 or more"),
    (r"^Show this message and exit\.$", "Show this page."),
)


def plain_help(text: str) -> str:
    """A word or sentence of a page of help, without Python's types and the library's signs.

    >>> [plain_help(t) for t in ("NAME <list[str]>", "{NAME}...", "[[chapter|digits]]", "Trials at once.  [x>=1]")]
    ['NAME', 'NAME...', '[chapter|digits]', 'Trials at once.  [1 or more]']
    """
    for theirs, ours in PLAIN:
        text = re.sub(theirs, ours, text)
    return text


class Command(TyperCommand):
    """A command whose page of help speaks our words."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """What may be typed after its name."""
        return [plain_help(piece) for piece in super().collect_usage_pieces(ctx)]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments and options, each with what it does."""
        params = [(p, record) for p in self.get_params(ctx) if (record := p.get_help_record(ctx)) is not None]
        for title, kind in (("Arguments", "argument"), ("Options", "option")):
            rows = [
                (plain_help(name) + "..." * (kind == "argument" and p.nargs != 1), plain_help(words))
                for p, (name, words) in params
                if p.param_type_name == kind
            ]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)


def page(there: set[str]) -> list[str]:
    """The lines, of the commands that there are."""
    lines = ["study: what does this hyperparameter do? Many small trainings, an honest answer.", ""]
    lines += [f"  {command:30s}{what}" for command, what in START if command.split()[1] in there]
    known: set[str] = set()
    for title, commands in GROUPS.items():
        shown = {name: what for name, what in commands.items() if name in there}
        known |= set(shown)
        if shown:
            lines += ["", title, *(f"  {name:9s} {what}" for name, what in shown.items())]
    if others := sorted(there - known):
        lines += ["", "Also", *(f"  {name}" for name in others)]
    return [*lines, ""]
