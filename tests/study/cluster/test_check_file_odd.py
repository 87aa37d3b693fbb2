"""Every field of every kind of cluster file with odd values, and its bytes: our lines, or values that can be used."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from study.cluster.check_file import refuse_problems
from study.cluster.cluster_file import read_cluster, read_documents
from study.cluster.preflight import resources_by_type
from tests.odd_values import YAML_WORDS, changed, mangled, must_be_ours, places, some, values
from tests.study.cluster.test_check_file import FILES, ROOT
from trainables.config.errors import BadInput

KINDS = {name: read_documents(path) for name, path in FILES.items()}
PLAN = "study/plan"
_HERE = "WRITTEN-HERE"


def _opened(documents: list[Any]) -> list[Any]:
    """The same with our annotation of a RayJob, YAML within YAML, as values."""
    notes = documents[0]["metadata"].get("annotations")
    if notes is None:
        return documents
    return changed(documents, (0, "metadata", "annotations", PLAN), yaml.safe_load(notes[PLAN]))


def _closed(documents: list[Any]) -> list[Any]:
    try:
        plan = documents[0]["metadata"]["annotations"][PLAN]
        return changed(documents, (0, "metadata", "annotations", PLAN), yaml.safe_dump(plan))
    except (KeyError, TypeError, IndexError):
        return documents


def used_or_refused(path: Path) -> None:
    try:
        refuse_problems(path, root=ROOT, ray_flags=False)
        cluster = read_cluster(path)
    except BadInput as error:
        must_be_ours(str(error))
        return
    numbers = [cluster.cost_cap, cluster.start_minutes, cluster.idle_minutes, cluster.head_hourly_price]
    numbers += [n for w in cluster.workers for n in (w.cpus, w.gpus, w.max_nodes, w.hourly_price)]
    assert all(math.isfinite(n) and n >= 0 for n in numbers)
    str(resources_by_type(cluster)).encode()


@some(12)
@given(data=st.data())
def test_a_value_that_nobody_means(tmp_path: Path, data: st.DataObject) -> None:
    documents = _opened(KINDS[data.draw(st.sampled_from(sorted(KINDS)))])
    at = data.draw(st.sampled_from(list(places(documents))[1:]))
    new = data.draw(st.just(_HERE) | values)
    whole = _closed(changed(documents, at, new, drop=data.draw(st.booleans())))
    try:
        text = yaml.safe_dump_all(whole, allow_unicode=True)
        text.encode()
    except (yaml.YAMLError, UnicodeEncodeError, TypeError):  # no file can hold it, or keys of several kinds
        assume(False)
    path = tmp_path / "cluster.yaml"
    path.write_text(text.replace(_HERE, data.draw(st.sampled_from(YAML_WORDS))))
    used_or_refused(path)


@some(8)
@given(data=st.data(), name=st.sampled_from(sorted(FILES)))
def test_a_file_whose_bytes_are_wrong(tmp_path: Path, data: st.DataObject, name: str) -> None:
    path = tmp_path / "cluster.yaml"
    path.write_bytes(mangled(FILES[name].read_bytes(), data.draw))
    used_or_refused(path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("a: 1\n".encode("utf-16"), "line 1: it is UTF-16; save the file as UTF-8"),
        (b"a: 1\nb: gr\xf6n\n", "line 2: the byte 0xf6 is no UTF-8"),
        (b"a: 1\n\tb: 2\n", "line 2: in .*indent with spaces, not with tabs"),
        (b"a: 1\nb: 2026-13-45\n", "line 2: 2026-13-45 is no date or number that can be; write text in quotes"),
        (b"a: 1\nb: !!bool foo\n", "line 2: foo is neither true nor false; write text in quotes"),
        (b"a: 1\nb: !!timestamp abc\n", "line 2: abc is no date or number"),
        (b"a: 1\nb: !!int\n", "line 2: nothing is no date or number"),
        (b"a: 1\n---\nb: 2026-13-45\n", "line 3: 2026-13-45 is no date"),
        (b"a: " + b"[" * 3000 + b"]" * 3000, "line 1: it is nested too deeply"),
        (b"a: &x [*x]\n", "line 1: it is nested too deeply, or its aliases hold themselves"),
        (b"a: &a [1, 2]\n" + b"".join(b"%c: &%c [*%c, *%c]\n" % (c + 1, c + 1, c, c) for c in range(97, 119)), "alias"),
    ],
)
def test_what_cannot_be_read_at_all_is_a_line(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "cluster.yaml"
    path.write_bytes(content)
    for read in (read_cluster, refuse_problems):
        with pytest.raises(BadInput, match=says) as caught:
            read(path)
        must_be_ours(str(caught.value))


def test_a_folder_is_no_cluster_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="the file cannot be read: is a directory"):
        read_cluster(tmp_path)


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "cluster.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + FILES["aws"].read_bytes().replace(b"\n", b"\r\n"))
    assert read_cluster(path).workers == read_cluster(FILES["aws"]).workers
