"""A laptop's folder for these tests: this checkout as a newcomer has it, a small study, a small data set, a token."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from study.cluster.cluster_file import read_first_document

ROOT = Path(__file__).parents[2]
EPOCHS = 120
"""Of each trial; long enough that machines can fail in the middle."""
TOKEN = "0123456789abcdef" * 4

STUDY: dict[str, Any] = {
    "name": "machines",
    "title": "A small study for many machines",
    "question": "Does it matter where a trial runs?",
    "knobs": ["lr"],
    "epochs": 6,
    "base": {"data": "digits", "hidden": [64], "batch_size": 16, "optimizer": "sgd"},
    "arms": [{"name": f"lr-{lr}", "change": {"lr": lr}} for lr in (0.3, 0.1, 0.03)],
}


def write_data(folder: Path, images: int = 4000) -> None:
    """An own data set, `digits.npz`: ten smooth blobs with noise, the same bytes every time."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    centres = rng.uniform(0, 200, (10, 64))
    labels = rng.integers(0, 10, images + 1000)
    pixels = (
        np.clip(centres[labels] + rng.normal(0, 40, (images + 1000, 64)), 0, 255).astype(np.uint8).reshape(-1, 8, 8)
    )
    np.savez(
        folder / "digits.npz",
        train_images=pixels[:images],
        train_labels=labels[:images],
        val_images=pixels[images:],
        val_labels=labels[images:],
    )


def write_study(folder: Path, *, epochs: int) -> Path:
    """The small study as a user's own file."""
    path = folder / "machines.yaml"
    path.write_text(yaml.safe_dump({**STUDY, "epochs": epochs}))
    return path


def write_python_study(folder: Path, *, epochs: int) -> Path:
    """The same study in Python, with what it imports from beside it."""
    (folder / "machine_values.py").write_text(f"VALUES = { ({**STUDY, 'epochs': epochs})!r}\n")
    path = folder / "machines.py"
    lines = ("from machine_values import VALUES", "from study.spec import Study", "study = Study.from_dict(VALUES)")
    path.write_text("\n".join(lines) + "\n")
    return path


def furnish(home: Path, *, epochs: int) -> Path:
    """Put the folder into a machine's home; returns it as that machine sees it."""
    folder = home / "project"
    folder.mkdir()
    for name in ("trainables", "study", "analysis", "cluster"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "constraints.txt", "README.md", "LICENSE", "cluster.yaml"):
        shutil.copy(ROOT / name, folder / name)
    write_study(folder, epochs=epochs)
    write_python_study(folder, epochs=epochs)
    (home / ".ray").mkdir(mode=0o700)
    (home / ".ray/auth_token").write_text(TOKEN)
    (home / ".ray/auth_token").chmod(0o600)
    return Path("/root/project")


def adapt(home: Path, file: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a cluster file in a machine's checkout, and say in the test what differs from the one that we ship."""
    path = home / "project" / file
    config = read_first_document(path)
    change(config)
    path.write_text(yaml.safe_dump(config, sort_keys=False))
