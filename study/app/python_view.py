"""What a run shows whoever calls it from Python: notes that speak of arguments, and in a notebook a line of its end."""

from __future__ import annotations

from collections.abc import Sequence

from study.app.drawing import shell_of_notebook
from study.app.python_words import in_python_words
from study.app.run_view import RunView
from study.planning.plan import Plan
from study.storage.results_folder import ResultsFolder


class PythonView(RunView):
    """The same for whoever calls from Python: its notes speak of arguments, and a notebook keeps a line of the end."""

    def ended(
        self, plan: Plan, checksum: str, store: ResultsFolder, said: str, also: Sequence[tuple[str, str]] = ()
    ) -> None:
        """What the run did stays in the cell, where the view was."""
        super().ended(plan, checksum, store, said, also)
        self.say(said)

    def say(self, text: str) -> None:
        """A line of the result; elsewhere than in a notebook, who called has it as values."""
        if shell_of_notebook() is not None and not self.quiet:
            print(text, flush=True)

    def note(self, text: str) -> None:
        """A line beside the progress; in a notebook on standard output, for the other looks there like a mistake."""
        if shell_of_notebook() is None:
            super().note(in_python_words(text))
        elif not (self.quiet or self.as_json):
            print(in_python_words(text), flush=True)
