"""The data set that studies name: where none is found, the file and the line that name it, and what would do."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from study.app.own_data_folder import own_data_folder
from study.app.wrapping import say
from study.spec.data_names import data_names
from study.spec.faults import together
from study.spec.study_file import StudySource
from trainables.config.errors import DataError, NoDataSet
from trainables.data.dataset import DataSet
from trainables.data.sources import load_data_set


def load_named(given: Sequence[StudySource], data_dir: Path | None) -> DataSet:
    """The data set that some studies name.

    Args:
        given: the studies as they were read.
        data_dir: the data folder, if one is given.

    Raises:
        BadInput: they name several, and says where.
        DataError: it is not there, and says where each study names it; or it is damaged.
    """
    named = [(source, name) for source in given for name in data_names(source.study)]
    name = named[0][1]
    if any(other != name for _, other in named):
        why = "studies over different data sets are run one after the other"
        raise together([source.bad_data(each, why) for source, each in named])
    try:
        return load_data_set(name, data_dir, progress=say)
    except NoDataSet as error:
        lines = [line for source in given for line in source.bad_data(name, _why(source, error, data_dir)).lines]
        raise DataError("\n".join(lines)) from None


def _why(source: StudySource, error: NoDataSet, data_dir: Path | None) -> str:
    """Why there is none; and where it lies, if it lies where somebody would put it."""
    beside = None
    if data_dir is None and source.path is not None:
        beside = own_data_folder(str(source.path), source.study)
    if beside is None:
        return error.why
    return f"{error.name}.npz lies in {beside}, and no data folder is given: add --data-dir {shlex.quote(str(beside))}"
