"""What a cluster file says to us alone: every mistake at once, each with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from study.cluster.check_file import find_problems, refuse_problems
from tests.study.cluster.test_check_file import FILES, ROOT
from trainables.config.errors import BadInput


@pytest.fixture(autouse=True)
def _token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A laptop on which `ray get-auth-token --generate` has been run."""
    (tmp_path / ".ray").mkdir()
    (tmp_path / ".ray/auth_token").write_text("x")
    monkeypatch.setenv("HOME", str(tmp_path))


def test_all_mistakes_are_said_at_once_with_their_lines(tmp_path: Path) -> None:
    text = FILES["aws"].read_text()
    for old, new in (
        ('python: "3.11"        #', "python: 3.11          #"),
        ("start_minutes: 6 ", "start_minuts: 6  "),
        ("cap: 20.00 ", 'cap: "20"  '),
        ('as_of: "2026-06-17"', "as_of: June"),
        ("  region: us-west-2", "  regoin: us-west-2"),
        ("        gpu-spot: 0.22", "        gpu-sopt: 0.22"),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file = tmp_path / "cluster.yaml"
    file.write_text(text)
    with pytest.raises(BadInput) as caught:
        refuse_problems(file, root=ROOT, ray_flags=False)
    said = str(caught.value).splitlines()
    kept = [line for line in said if "STUDY_PYTHON" not in line]
    at = {line.strip().partition(":")[0]: f"{file}, line {n}" for n, line in enumerate(text.splitlines(), 1)}
    block = "metadata.study"
    assert kept == [
        f"{at['provider']}: provider.region: it is missing",
        f"{at['regoin']}: provider.regoin: there is no such setting; did you mean region?",
        f'{at["python"]}: {block}.python: got 3.11; expected text; write it in quotes: "3.11"',
        f"{at['start_minuts']}: {block}.start_minuts: there is no such field; did you mean start_minutes?",
        f"{at['cap']}: {block}.cap: got '20'; expected a number from 0 upwards",
        f"{at['as_of']}: {block}.prices.as_of: got 'June'; expected the day that the prices are of, as 2026-01-31",
        f"{at['hourly']}: {block}.prices.hourly.gpu-spot: it is missing; expected what a node of this type costs "
        "an hour",
        f"{at['gpu-sopt']}: {block}.prices.hourly.gpu-sopt: got 0.22; there is no such type of node; did you mean "
        "gpu-spot?",
    ]


def test_a_price_of_no_node_is_refused_with_the_nearest(tmp_path: Path) -> None:
    text = FILES["aws"].read_text().replace("        gpu-spot: 0.22", "        gpu-sopt: 0.22")
    file = tmp_path / "cluster.yaml"
    file.write_text(text)
    assert [str(p) for p in find_problems(file, root=ROOT, ray_flags=False)] == [
        "metadata.study.prices.hourly.gpu-spot: it is missing; expected what a node of this type costs an hour",
        "metadata.study.prices.hourly.gpu-sopt: got 0.22; there is no such type of node; did you mean gpu-spot?",
    ]
