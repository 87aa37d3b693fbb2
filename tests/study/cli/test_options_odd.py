"""Every option of `plan` with odd texts, alone and in pairs: our lines and an exit code of ours, or an answer."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.odd_values import must_be_ours, some
from tests.study import own
from tests.study.cli.test_main import study

ODD = [
    "", " ", "0", "-1", "1", "2", "0-1", "1-0", "0,0", "1e9", "nan", "inf", "1.5", "0.01", "99999999999", "x",
    "yes", "cuda", "cpu", "bf16", "ray", "~", "~nobody-of-that-name", "/", "/proc", "/dev/null", "s3://", "s3:/x",
    "a b", "é", "\udcff", "a\nb", "\x1b[2J", "--json", "val_loss", "*", "$HOME", "a" * 300, "127.0.0.1:1", "auto",
]  # fmt: skip
OPTIONS = ["--seeds", "--results", "--cpus", "--device", "--precision", "--metrics", "--difference", "--data-dir"]


@some(12)
@given(
    options=st.lists(st.tuples(st.sampled_from(OPTIONS), st.sampled_from(ODD)), min_size=1, max_size=2),
    glued=st.booleans(),
)
def test_odd_texts_for_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    options: list[tuple[str, str]], glued: bool,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    own.data(tmp_path, "leaves", 30, 12)
    own.study(tmp_path, "mine", "lr", [0.1, 0.2], data="leaves")
    words = [w for name, text in options for w in ([f"{name}={text}"] if glued else [name, text])]
    given_data = [] if any(name == "--data-dir" for name, _ in options) else ["--data-dir", "."]
    code = study("plan", "mine.yaml", *given_data, *words)
    said = capsys.readouterr()
    assert code in (0, 2, 3, 4, 5), said.err
    assert bool(code) == ("error: " in said.err)
    if code:
        must_be_ours(" ".join(said.err.split()))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["leaves.npz", "mine.yaml"], "a plan makes nothing"
