"""Every private name of other people's libraries that the project uses, with the reason; a new one fails here."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.test_architecture import ROOT

PACKAGES = ("trainables", "study", "analysis", "benchmarks")
LIBRARIES = ("ray", "optuna", "torch", "botocore")
PATCHES = "study/execution/ray_patches"
REASONS = {
    f"{PATCHES}/startup.py": {
        "_private.node.Node": "starts servers that nothing here asks",
        "_private.services": "gives the commands of Ray's processes: two agents stand idle",
        "_build_python_executable_command_memory_profileable": "the function that does",
        "_private.ray_constants": "read once at import: no environment for uv, 127.0.0.1 as it is",
        "_private.worker": "prints half a page on each worker that dies",
        "_private.utils": "puts a handler of SIGTERM",
        "_raylet": "its CoreWorker puts another in C++; its settings and token are read once a process",
        "_py_driver_sys_path": "no folder of the driver's for workers to import from; no public setting says so",
    },
    f"{PATCHES}/tune.py": {
        "tune.execution.class_cache._ActorClassCache": "asks for actors in an environment of their own",
        "tune.registry._global_registry": "is asked five times a trial",
        "_get_trial_checkpoints": "spells out each trial's state, for a restoring that is not used",
        "_fetch_trial_dataframes": "looks for each trial's table, where there is none",
    },
    "study/execution/ray_environment.py": {
        "_temp_dir": "ray.init's own argument: where it works",
        "_node_ip_address": "ray.init's own argument: where its ports lie",
    },
    "study/search/optuna_dashboard.py": {
        "_study_id": "a storage takes numbers; Optuna's public study has no call that writes a value late",
        "_trial_id": "the same, of a trial",
    },
    "study/search/optuna_samplers.py": {"_suggest": "a distribution that is chosen by its own value, not by its kind"},
    "trainables/training/optimizers.py": {
        "_fused_sgd_": "one pass over memory; torch.optim reaches it only with objects of its own around",
        "_fused_adam_": "the same",
        "_fused_adamw_": "the same",
        "_fused_adagrad_": "the same",
    },
}
OURS = {"_exit", "_repr_html_"}
"""Public all the same: of `os` and of C, and what Jupyter calls."""


BY_TEXT = {
    "getattr", "setattr", "hasattr", "delattr", "attrgetter", "methodcaller", "import_module", "__import__",
    "find_spec", "attribute_at", "replaced", "object",
}  # fmt: skip
"""Calls that reach a name by its text; `patch.object` is one."""


def called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def private(name: str) -> bool:
    return any(len(part) > 1 and part.startswith("_") and not part.startswith("__") for part in name.split("."))


def names(tree: ast.AST, defined: set[str], strings: bool) -> Iterator[str]:
    """Private names that a module takes from elsewhere: by import, attribute, keyword, and by text.

    With `strings` every short text counts, wherever it stands: where Ray and Optuna are spoken to.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.split(".")[0] in LIBRARIES and private(a.name))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in LIBRARIES:
            yield from (name for a in node.names if private(name := f"{node.module}.{a.name}"))
        elif isinstance(node, ast.Attribute) and private(node.attr) and node.attr not in defined:
            yield node.attr
        elif isinstance(node, ast.keyword) and private(node.arg or "") and node.arg not in defined:
            yield str(node.arg)
        elif isinstance(node, ast.Call) and called(node) in BY_TEXT:
            texts = (str(a.value) for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str))
            yield from (text for text in texts if private(text) and text not in defined)
        elif strings and isinstance(node, ast.Constant) and re.fullmatch(r"\w+(\.\w+)*", text := str(node.value)):
            yield from [text] if private(text) and text not in OURS else []


def defined_here(trees: list[ast.Module]) -> set[str]:
    """Names that the project itself gives to functions, classes and attributes."""
    found = set(OURS)
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                found.add(node.name)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
                    found.add(node.attr)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                found.add(node.target.id)
            elif isinstance(node, ast.Assign):
                found |= {t.id for t in node.targets if isinstance(t, ast.Name)}
    return found


def test_every_private_name_of_a_library_is_listed_with_its_reason_and_none_is_listed_in_vain() -> None:
    trees = {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text())
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
    }
    ours = defined_here(list(trees.values()))
    found: dict[str, set[str]] = {}
    for path, tree in trees.items():
        there = set(names(tree, ours, strings=path.startswith(("study/execution", "study/cluster", "study/search"))))
        if there:
            found[path] = there
    assert found == {path: set(listed) for path, listed in REASONS.items()}


def test_a_new_one_is_seen() -> None:
    text = "import ray._private.node\nfrom torch import _C\nstudy._storage.x\nself._own\n"
    text += "getattr(trial, '_cached', None)\nray.init(_hidden=1)\nimportlib.import_module('botocore._x')\n"
    found = {"ray._private.node", "torch._C", "_storage", "_cached", "_hidden", "botocore._x"}
    assert set(names(ast.parse(text), {"_own"}, strings=False)) == found
    text = "kept = {'_temp_dir': 1}\n_replace = '_private.gcs'\n"
    assert set(names(ast.parse(text), set(), strings=True)) == {"_temp_dir", "_private.gcs"}
