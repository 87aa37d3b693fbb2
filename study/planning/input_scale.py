"""Whether the input's scale fits the arms of a study: the one rule for plan, run, status and report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from study.spec.claims import arms_named
from study.spec.data_names import data_names
from study.spec.study import Study
from study.storage.run_records import RunRecord
from trainables.config.trial_config import TrialConfig
from trainables.data.facts import FASHION_MNIST, DataFacts, large_input_hint, one_class_hint, scale_hint


def scale_note(study: Study, data: DataFacts) -> str:
    """What to do where the pixels of no arm get a scale that fits, or a part has one class; else empty.

    A study that has such an arm beside others compares scales on purpose, as does a search over them; so does one of
    large inputs whose claims speak of arms of another study.
    """
    scales = sorted(set(_scales(study)))
    hints = [scale_hint(data, divisor, invert=invert) for divisor, invert in scales]
    if len(scales) == 1 and not hints[0] and not _speaks_of_others(study):
        hints = [large_input_hint(data, scales[0][0], invert=scales[0][1])]
    held_out = [bool(study.config(a.name).held_out) for a in study.arms] or [bool(study.base.get("held_out"))]
    return hints[0] if hints and all(hints) else one_class_hint(data, held_out=all(held_out))


def _speaks_of_others(study: Study) -> bool:
    return any("/" in arm for claim in study.claims for arm in arms_named(claim))


def scale_note_on_record(study: Study, runs: Sequence[RunRecord]) -> str:
    """The same for a study of a results folder; empty too where nobody knows its data."""
    name = study.name.removesuffix(".answer")
    said = [run.data for run in runs if run.data is not None and name in run.studies]
    known = said[-1:] or [FASHION_MNIST] * (data_names(study) == (FASHION_MNIST.name,))
    return f"data {known[0].name}: {note}" if known and (note := scale_note(study, known[0])) else ""


def _scales(study: Study) -> Iterable[tuple[float, bool]]:
    """Divisor and inversion of each arm; of a search those that it does not vary."""
    if study.arms:
        return [(c.input_divisor, c.invert) for c in (study.config(a.name) for a in study.arms)]
    if study.search and {"input_divisor", "invert"} & set(study.search.space):
        return []
    given = TrialConfig().replace(
        **{name: study.base[name] for name in ("input_divisor", "invert") if name in study.base}
    )
    return [(given.input_divisor, given.invert)]
