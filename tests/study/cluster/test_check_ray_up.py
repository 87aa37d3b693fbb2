"""A file for `ray up`: all its mistakes at once, whichever of Ray, its provider or our rules finds them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from study.cluster.check_file import refuse_problems
from study.cluster.check_ray_up import flags_of
from study.cluster.cluster_file import read_first_document
from tests.study.cluster.test_check_file import FILES, ROOT
from trainables.config.errors import BadInput


@pytest.fixture(autouse=True)
def _quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A laptop on which `ray get-auth-token --generate` has been run; commands are taken for right."""
    (tmp_path / ".ray").mkdir()
    (tmp_path / ".ray/auth_token").write_text("x")
    monkeypatch.setenv("HOME", str(tmp_path))
    right = subprocess.CompletedProcess([], 0, "", "")
    monkeypatch.setattr("study.cluster.check_ray_up.subprocess.run", lambda *_, **__: right)


def refused(values: object, folder: Path) -> list[str]:
    file = folder / "cluster.yaml"
    file.write_text(yaml.dump(values, Dumper=yaml.CSafeDumper, sort_keys=False))
    with pytest.raises(BadInput) as caught:
        refuse_problems(file, root=ROOT, ray_flags=False)
    return str(caught.value).splitlines()


def test_mistakes_that_ray_the_cloud_and_we_find_are_said_at_once(tmp_path: Path) -> None:
    values = read_first_document(FILES["aws"])
    values["max_worker"] = 3
    values["idle_timeout_minutes"] = "five"
    values["provider"].update(cache_stopped_nodes="no", availability_zone="eu-west-1a")
    values["auth"].pop("ssh_user")
    values["available_node_types"]["gpu-spot"].update(min_workers=9, node_config={"InstanceTyp": "g4dn.xlarge"})
    values["available_node_types"]["cpu-spot"].update(max_workers="all")
    values["metadata"]["study"]["cap"] = "20"
    values["setup_commands"] = ["STUDY_PYTHON=3.12 true", 7]
    said = "\n".join(refused(values, tmp_path))
    types = "available_node_types"
    for part in (
        "max_worker: Ray has no such setting; did you mean max_workers?",
        "idle_timeout_minutes: got 'five'; expected a number from 0 upwards",
        "provider.cache_stopped_nodes: got 'no'; expected true or false",
        "provider.availability_zone: eu-west-1a is not in us-west-2",
        "auth.ssh_user: it is missing",
        f"{types}.gpu-spot: min_workers 9 is more than max_workers 8",
        f"{types}.gpu-spot.node_config.InstanceTyp: EC2 has no such setting; did you mean InstanceType?",
        f"{types}.gpu-spot.node_config.IamInstanceProfile: it is missing",
        f"{types}.cpu-spot.max_workers: got 'all'; expected a number from 0 upwards",
        "metadata.study.cap: got '20'; expected a number from 0 upwards",
        "setup_commands[1]: got 7; expected text",
    ):
        assert part in said, (part, said)


PYTHONS_WORDS = re.compile(r"NoneType|\b\w+Error:|\bobject\b|attribute|keyword|iterable|cannot be used here")


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Each place in plain data."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(place for key, of in inner for place in places(of, (*at, key)))]


def in_turn(documents: list[Any], file: Path) -> Iterator[tuple[Any, ...]]:
    """A file in which another value stands at one place after the other; deep down, at every third."""
    others = [None, 7, "x", [], {}, True, -1, [7], {"a": [None]}]
    for number, place in enumerate(places(documents[0])[1:]):
        if len(place) > 3 and number % 3:
            continue
        inside = documents[0]
        for step in place[:-1]:
            inside = inside[step]
        before, inside[place[-1]] = inside[place[-1]], others[number % len(others)]
        file.write_text(yaml.dump_all(documents, Dumper=yaml.CSafeDumper, sort_keys=False))
        inside[place[-1]] = before
        yield place


@pytest.mark.parametrize("provider", FILES)
def test_no_value_anywhere_ends_in_a_traceback_or_in_pythons_words(provider: str, tmp_path: Path) -> None:
    """Wherever another value stands: one line a mistake, with the file's line, the field and what would be right."""
    file = tmp_path / "cluster.yaml"
    for place in in_turn(list(yaml.load_all(FILES[provider].read_text(), yaml.CSafeLoader)), file):
        try:
            refuse_problems(file, root=ROOT, ray_flags=False)
        except BadInput as error:
            for line in str(error).splitlines():
                assert line.startswith(f"{file}, line "), (place, line)
                assert not PYTHONS_WORDS.search(line.partition(": ")[2]), (place, line)


def test_words_after_ray_start_are_found_also_beside_a_quote_left_open() -> None:
    assert list(flags_of("ulimit -n 9; ~/venv/bin/ray start --head --port=1 && true")) == [["--head", "--port=1"]]
    assert list(flags_of("echo 'x; ray start --head")) == []
