"""What a search found, in sentences and numbers: how it went, and which knobs mattered.

`sentences` is about one part; the answer under fresh seeds is `analysis.searches.answer_sentences`.
"""

from __future__ import annotations

import shlex

from analysis.data.protocols import judged_version
from analysis.searches.answer_sentences import (
    NOT_JUDGED,
    DecidedArms,
    answer_sentences,
    lead,
    quantity,
    repeat_sentences,
)
from analysis.searches.findings import SearchFindings, findings_of_part
from analysis.searches.fresh_seeds import read_missing_line
from analysis.searches.importance import MIN_TRIALS_FOR_IMPORTANCE
from analysis.searches.lost_seeds import read_lost_lines
from analysis.searches.repeats import repeated_search
from analysis.searches.retrained import read_answer
from analysis.text.arm_names import by_name
from analysis.text.phrases import first_up
from study.search import finalists
from study.spec.study import Study
from study.storage.reported_values import contradicted
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import known_data, read_runs
from study.storage.search_log import current_parts, search_parts
from trainables.config.errors import BadInput
from trainables.config.plurals import counted

METHODS = {
    "grid": "grid search", "random": "random search", "sobol": "the Sobol sequence", "halton": "the Halton sequence",
    "tpe": "TPE", "cmaes": "CMA-ES", "gp": "a Gaussian process", "nsga2": "NSGA-II", "asha": "ASHA",
    "asha-stop": "ASHA", "hyperband": "Hyperband", "median": "the median rule", "halving": "successive halving",
}  # fmt: skip
"""How a sentence calls a searcher or a scheduler."""


def sentences(found: SearchFindings) -> list[str]:
    """How one part of a search went."""
    part, frame = found.part, found.proposals
    search = part.search
    counts = frame["state"].value_counts()
    spent = int(frame["epochs"].sum())
    share = 100 * spent / max(len(frame) * part.epochs, 1)
    again, under_way = len(part.proposals) - len(frame), int(counts.get("running", 0))
    if under_way and under_way == len(frame):
        first = counted(under_way, "configuration") if under_way > 1 else "configuration"
        return [f"{first_up(METHODS[search.searcher])} tries the first {first}."]
    said = [
        f"{first_up(METHODS[search.searcher])} tried {counted(len(frame) - under_way, 'configuration')}, each with "
        f"{counted(search.seeds, 'seed')}"
        + (f" ({again} of {len(part.proposals)} tries repeated one)" if again else "")
        + f". {_whole(counts.get('whole', 0))} trained to the end ({counted(part.epochs, 'epoch')}), "
        f"{_early(search.scheduler.name, counts.get('paused', 0))}, {counts.get('diverged', 0) or 'none'} diverged"
        + (f", {counts['failed']} failed" if "failed" in counts else "")
        + (f", {counted(under_way, 'more is', 'more are')} under way" if under_way else "")
        + f". That took {counted(spent, 'epoch')} a seed, {share:.0f} % of training all to the end."
    ]
    if found.pareto_front:
        first, second = (quantity(o) for o in search.objectives)
        front = counted(len(found.pareto_front), "of them is", "of them are")
        said.append(f"{front} beaten by none in both {first} and {second}.")
    return said + ([found.broken] if found.broken else []) + _importance(found)


def _whole(n: int) -> str:
    return f"{n or 'None'} {'was' if n < 2 else 'were'}"


def _early(scheduler: str, n: int) -> str:
    """How many were stopped early, and by what.

    >>> _early("halving", 6), _early("none", 0)
    ('successive halving stopped 6 early', 'none was stopped early')
    """
    if not n:
        return "none was stopped early"
    return f"{METHODS[scheduler]} stopped {n} early" if scheduler in METHODS else f"{n} stopped early"


def edges(found: SearchFindings) -> list[str]:
    """A warning for each knob whose range ends at the best."""
    best = f"{first_up(by_name(found.part.label))}'s best" if found.part.label else "The best"
    return [
        f"{best} lies at the {end} end of the range of {name}. Something better may lie beyond. Widen the range "
        "and run again. What is on record is not trained again."
        for name, end in found.edges.items()
    ]


def _importance(found: SearchFindings) -> list[str]:
    table = found.importances
    if table.empty:
        return [
            f"Which knobs mattered is not known. That takes {MIN_TRIALS_FOR_IMPORTANCE} different configurations that "
            "were trained to the end."
        ]
    first = table.iloc[0]
    tied = list(table.loc[table["tied"], "name"])
    said = (
        f"Most important among those trained to the end: {first['name']} "
        f"({first['importance']:z.2f} of the variance, {first['low']:z.2f} to {first['high']:z.2f})"
    )
    return [said + (f". Not to be told apart from it: {', '.join(tied)}." if tied else ".")]


def search_lines(store: ResultsFolder, study: str, decided: DecidedArms = NOT_JUDGED) -> list[str]:
    """What a results folder knows of a study's search, a line each: the answer, then how each part went.

    `decided`: which claims of the answer are.

    Raises:
        BadInput: there is no search of this name.
    """
    asked = judged_version(store, study)
    search = asked.search if asked else None
    if asked is None or search is None:
        raise BadInput("name", study, f"there is no search of this name in {store.folder.where}")
    data = known_data(read_runs(store.folder))
    found = [findings_of_part(p, data=data) for p in current_parts(search_parts(store), asked)[0]]
    nobody = [line for f in found if (line := finalists.why_no_finalist(f.part.search, f.part.label, f.part.proposals))]
    retrained, lost = read_answer(store, study), read_lost_lines(store, study)
    answers = [f"  {a}" for a in answer_sentences(retrained, search.objectives, decided)]
    missing = [line for line in [read_missing_line(store, asked)] if line]
    said = [f"{lead(retrained)}:", *answers, *missing, *lost, *nobody]
    lines = said if answers else nobody or lost or ["There is no answer yet."]
    verify = f"`study verify {shlex.quote(store.folder.where)}`"
    lines += [f"{d.name}: {d.reason}; see {verify}" for d in contradicted(store, [f.part for f in found])]
    for f in found:
        lines += [f"{f.name}:", *(f"  {s}" for s in sentences(f) + edges(f))]
    return lines + _over_repeats(store, asked)


def _over_repeats(store: ResultsFolder, study: Study) -> list[str]:
    judged = {name: of for name in store.studies.names() if (of := judged_version(store, name)) is not None}
    found = repeated_search(study, judged, lambda other: read_answer(store, other.name))
    return [] if found is None else repeat_sentences(found)
