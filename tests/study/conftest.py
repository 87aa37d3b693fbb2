"""What several tests of studies use: the folder of whoever submits one, and one with small data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from study.cluster import head_entry as on_head
from study.cluster.cluster_file import read_first_document

ROOT = Path(__file__).parents[2]


@pytest.fixture
def laptop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project's folder with cluster.yaml for the Python that runs here, a token, and nothing slow."""
    config = read_first_document(ROOT / "cluster.yaml")
    here = on_head.versions().python
    config["metadata"]["study"]["python"] = here
    config["setup_commands"] = [
        c.replace("STUDY_PYTHON=3.11", f"STUDY_PYTHON={here}") for c in config["setup_commands"]
    ]
    for name in set(config["file_mounts"].values()) - {"~/.ray/auth_token"}:
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "cluster.yaml").write_text(yaml.safe_dump(config))
    (tmp_path / ".ray").mkdir()
    (tmp_path / ".ray/auth_token").write_text("secret-of-the-cluster\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("study.cluster.check_ray_up._ray_start", lambda file: iter(()))
    monkeypatch.setattr("study.cluster.preflight.check_results", lambda where: None)
    return tmp_path


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with data of two parts (`two`) and of three (`three`)."""
    monkeypatch.chdir(tmp_path)
    chance = np.random.default_rng(0)
    labels = np.arange(100) % 2
    images = (chance.integers(0, 128, (100, 2, 2)) + 127 * labels[:, None, None]).astype(np.uint8)
    cuts = {"train": slice(0, 60), "val": slice(60, 80), "test": slice(80, 100)}
    three = {f"{p}_{w}": a[cut] for p, cut in cuts.items() for w, a in (("images", images), ("labels", labels))}
    np.savez("three.npz", allow_pickle=False, **three)
    np.savez("two.npz", allow_pickle=False, **{k: v for k, v in three.items() if not k.startswith("test")})
    return tmp_path
