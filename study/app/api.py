"""Studies from Python and notebooks: run one, open a results folder, and look at what came out."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from study.app.python_words import given_path, says_arguments
from trainables.config.errors import BadInput, NotGiven
from trainables.config.nearest import did_you_mean

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from analysis.claims.verdicts import Verdict
    from analysis.report.inputs import ReportInputs
    from study.app.shown_table import ClaimRow, ShownTable, SummaryRow
    from study.spec.study import Study


@says_arguments
def run(
    what: str | Path | Study,
    seeds: int | str | Iterable[int] = 5,
    *,
    quick: bool = False,
    results: str | Path | None = None,
    device: str | None = None,
    precision: str | None = None,
    metrics: str | Sequence[str] = (),
    cpus: int | None = None,
    data_dir: str | Path | None = None,
    executor: str = "auto",
    wait: bool = False,
    progress: bool = True,
) -> Results:
    """Train what is missing of a study and return what is on record of it; what is there is not trained again.

    Ctrl-C (in a notebook, the button that interrupts) saves what is under way; the same call goes on from there.

    Args:
        what: a study's name (`chapter` for all of the chapter), a path to its file, or a `study.Study`.
        seeds: how many seeds of every arm (5 is 0 to 4), or the seeds themselves: (3, 4), or "3-4".
        quick: fewer images and epochs, which judge nothing. It returns the reduced run alone, `study.open` the rest.
        results: the results folder, a path or a URL; if not given, `results/NAME`, as for the command.
        device: cpu or cuda; if not given, what the study says.
        precision: fp32 or bf16; if not given, what the study says.
        metrics: what a record must have, besides what claims speak of; a trial that lacks it is trained again.
        cpus: trials at once; all cores if not given.
        data_dir: the folder with the data set's files.
        executor: inline (in this process), ray, or auto: inline for what takes less than Ray's start.
        wait: whether to wait while another run uses the results folder; else it is refused.
        progress: whether to show how it goes: in a notebook below the cell, else on standard error.

    Raises:
        BadInput: a name, a value or the study file is wrong; nothing has been started.
        DataError: the data are not there, or damaged.
        StoreError: the results folder is not one, or another run has it and `wait` is not set.
        StudyError: some trials failed; the message and `exit_code` are those of the command.
        KeyboardInterrupt: it was interrupted; what was under way is saved.
    """
    from study.app import folders, run_studies
    from study.app.pace import pace_from
    from study.app.python_view import PythonView
    from study.app.study_plan import request_of

    asked, sources = request_of(what, seeds, quick, results, device, precision, metrics, data_dir)
    pace = pace_from(asked.results)
    view = PythonView(pace=pace, quiet=not progress, result=False, names=asked.names, opened=folders.remember)
    run_studies.run(asked, run_studies.RunOptions(cpus=cpus, executor=executor, wait=wait, guest=True), view, sources)
    return Results(asked.results, tuple(s.study.name for s in sources.values()), reduced=quick)


def open_results(where: str | Path) -> Results:
    """What is on record in a results folder, a path or a URL; trains nothing and changes nothing.

    Raises:
        StoreError: it is no results folder, or it cannot be read.
    """
    return Results(given_path("where", where))


class Results:
    """A results folder, read when it is asked for; what `study.run` and `study.open` return.

    Numbers in frames are as recorded: accuracies as shares from 0 to 1, losses in nats, times in seconds. Those of
    `summary` are in per cent and points. `reduced` marks what ran fewer epochs or images than its study declares. A
    notebook shows the arms and the claims as tables.
    """

    def __init__(self, where: str, studies: Sequence[str] = (), *, reduced: bool = False) -> None:
        from study.storage.results_folder import ResultsFolder

        self._store = ResultsFolder(where)
        self.where = self._store.folder.where
        self._names, self._reduced = tuple(studies), reduced

    @cached_property
    def _inputs(self) -> ReportInputs:
        from analysis.report.inputs import read_inputs

        return read_inputs(self._store, reduced=self._names if self._reduced else ())

    @cached_property
    def studies(self) -> dict[str, Study]:
        """The studies looked at, by name: those that were run, or all of an opened folder."""
        there = self._inputs.studies
        if not self._names:
            return dict(there)
        names = [found for name in self._names for found in (name, f"{name}.answer")]  # the answer of a search
        return {n: there[n] for n in names if n in there}

    @property
    def problems(self) -> tuple[str, ...]:
        """What is damaged in the folder and left out here: a sentence each, with the command that mends it."""
        return self._inputs.problems

    @property
    def notes(self) -> tuple[str, ...]:
        """What is sound and has to be known: records of several kinds of machine that differ, and reduced runs."""
        from study.app.reduced_trials import besides_line, reduced_line

        return (*self._inputs.notes, *reduced_line(self.studies.values()), *besides_line(self._inputs))

    def refresh(self) -> Results:
        """The same folder, read anew."""
        return Results(self.where, self._names, reduced=self._reduced)

    @property
    def trials(self) -> pd.DataFrame:
        """One row a study, arm and seed.

        Returns:
            study, arm, seed, trial (its identity), status (finished, stopped, diverged or failed), epochs (asked for),
            epochs_done, reduced, host, cpu. Seeds are those that were asked of the arm, and of those asked of its
            study's other arms what is on record, as in the report. A trial that two studies have has a row in each.
        """
        from study.app.results_frames import trials_frame

        return trials_frame(self._inputs, self.studies)

    def curves(self, metric: str = "val_accuracy") -> pd.DataFrame:
        """A metric by epoch, tidy: a row a study, arm, seed and epoch.

        Args:
            metric: such as val_accuracy, train_accuracy, accuracy_gap, val_loss, lr, seconds.

        Returns:
            study, arm, seed, epoch (from 1), value, role (`baseline` or `arm`), reduced. Seeds are those of
            `trials`. An epoch in which a trial diverged has losses that are NaN.

        Raises:
            BadInput: there is no such metric; the message names those that there are.
        """
        from study.app.results_frames import curves_frame

        return curves_frame(self._inputs, self.studies, metric)

    @property
    def configurations(self) -> pd.DataFrame:
        """What searches tried, a row a configuration; of a study without a search there are none.

        Returns:
            search, part (of a search `within` a knob), number, value and second (its objectives after its last epoch,
            means over its seeds, also of one that diverged; second where there are two), objective (their names),
            seeds, epochs (trained), ended (finished, stopped early, diverged, failed, or running), tried_by (the
            searcher, or `first`), reduced, group (as in `export --to csv`), and each knob that the search varied: none
            where it does not exist.
        """
        from study.app.results_frames import configurations_frame

        return configurations_frame(self._inputs, self.studies)

    @cached_property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The verdicts over the claims of the studies, as values."""
        return tuple(v for of in self._judged.values() for v in of)

    @cached_property
    def _judged(self) -> dict[str, list[Verdict]]:
        from study.app.run_end import judged

        return judged(self._inputs, list(self.studies.values()))

    @property
    def answers(self) -> dict[str, str]:
        """The answer of each study in a sentence or two, as on the page, by name; a reduced run answers nothing."""
        from analysis.report.judge_folder import answers_of

        whole = {name: found for name, found in self._judged.items() if not self.studies[name].reduced}
        return {name: said for name, said in answers_of(self._inputs, whole, without_claims=True).items() if said}

    @property
    def claims(self) -> ShownTable[ClaimRow]:
        """A row a claim; `.frame` is the frame: study, claim, verdict, statement, finding.

        A verdict is supported, refuted, open, not-enough-seeds, no-place, not-judged, missing, reduced or mechanism.
        """
        import pandas as pd

        from study.app.live_view import UNICODE
        from study.app.run_end import finding_line, verdict_lines
        from study.app.shown_table import ClaimRow, ShownTable

        frame = pd.DataFrame(
            [(v.study, v.id, v.verdict, v.statement, finding_line(v)) for v in self.verdicts],
            columns=list(ClaimRow._fields),
        )

        def lines(of: Sequence[int]) -> Sequence[str]:
            return verdict_lines([self.verdicts[i] for i in of], 100, UNICODE) if of else ["no claims"]

        return ShownTable("Claims", frame, lines, ClaimRow)

    def effects(self, metric: str | None = None) -> pd.DataFrame:
        """Every arm against its baseline after its last epoch, in pairs by seed.

        Args:
            metric: one of them; if not given, accuracies, losses and both gaps.

        Returns:
            study, arm, metric, epoch, estimate, low and high (of the 95 % interval, by Student's t), n (pairs), p (of
            the two-sided sign-flip test, which cannot be below 2 / 2^n: 0.0625 of 5 pairs, whatever the interval),
            refused (why there is no number), and reduced. Differences of accuracies are shares: 0.01 is a point.

        Raises:
            BadInput: there is no such metric; the message names those that there are.
        """
        from study.app.results_frames import effects_frame

        return effects_frame(self._inputs, self.studies, metric)

    def splits(self) -> pd.DataFrame:
        """Arms that differ by `split_seed` or `fold` alone, together: mean over splits, change, corrected interval."""
        from study.app.splits_text import splits_of

        return splits_of(self._inputs, self.studies.values())

    def repeats(self) -> pd.DataFrame:
        """Searches that differ in their seed alone, together: a row a repeat, then the mean with its interval."""
        from analysis.report.search_section import repeated_searches
        from analysis.searches.repeats import repeats_frame

        return repeats_frame(repeated_searches(self._inputs))

    def plot(self, kind: str = "curves", study: str | None = None) -> Figure:
        """A Matplotlib figure of one study, as in the report, over the seeds of each arm as in `trials`.

        Args:
            kind: curves, lr, parameters or activations (of the first four arms), or effects (on validation accuracy).
            study: whose; needed where there are several.

        Raises:
            BadInput: there is no such figure or study, or nothing to draw.
        """
        from study.app.drawing import show_figures
        from study.app.results_figure import figure_of, known_kind

        known_kind(kind)
        found = figure_of(self._inputs, self._store, self._one(study), kind)
        show_figures()
        return found.figure

    def _one(self, study: str | None) -> Study:
        names = ", ".join(self.studies) or "none"
        if study is not None and not (isinstance(study, str) and study in self.studies):
            raise BadInput("study", study, f"expected one of {names}{did_you_mean(study, self.studies)}")
        if study is None and len(self.studies) != 1:
            raise NotGiven("study", f"name a study: one of {names}")
        return self.studies[study] if study is not None else next(iter(self.studies.values()))

    def summary(self) -> ShownTable[SummaryRow]:
        """A row an arm, after its last epoch.

        `.frame` has study, arm, seeds, and of accuracy, gap, change and gap_change (against the baseline, in pairs) the
        mean over seeds, in per cent and points; NAME_half is half a 95 % interval, from three seeds on (where the mean
        with it reaches beyond 0 or 100 %, the interval stops there: tables show both ends). `test` and `test_change`
        are of the test part, where all seeds were evaluated there. `note` says which arm is the baseline, of which arms
        the numbers were selected on the validation part, which ran reduced (`reduced` too), and how many trials
        diverged, `possibly_broken` why an arm is, where one is.
        """
        from study.app.results_summary import summary_table

        return summary_table(self._inputs, self.studies, self.trials)

    def _named(self) -> list[str]:
        """The studies, each marked where it is of a reduced run."""
        return [f"{name} (reduced)" if study.reduced else name for name, study in self.studies.items()]

    def __repr__(self) -> str:
        return f"Results({self.where!r}: {', '.join(self._named())})"

    def _repr_html_(self) -> str:
        said = "".join(f"<p>{html.escape(line)}</p>" for line in (*self.problems, *self.notes))
        for name, answer in self.answers.items():
            said += f"<p>{html.escape(self.studies[name].question)}<br><b>{html.escape(answer)}</b></p>"
        return said + self.summary()._repr_html_() + (self.claims._repr_html_() if self.verdicts else "")
