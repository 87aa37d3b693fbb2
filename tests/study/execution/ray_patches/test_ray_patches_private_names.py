"""Every private name of other people's libraries that the project uses, with the reason; a new one fails here."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

import pytest

from tests.parsed import nodes_of, trees_in

PACKAGES = ("trainables", "study", "analysis", "benchmarks", "docs", "examples")
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
        "_cache": "the classes that _ActorClassCache has sent",
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
OURS = {"_exit", "_repr_html_", "_fields", "_asdict"}
"""Public all the same: of `os` and of C, what Jupyter calls, and a named tuple's."""
SPOKEN_TO = ("study/execution", "study/cluster", "study/search")
"""Rooms in which any text may reach a name of Ray's or Optuna's, whatever their files import."""
BY_TEXT = {
    "getattr", "setattr", "hasattr", "delattr", "attrgetter", "methodcaller", "import_module", "__import__",
    "find_spec", "object",
}  # fmt: skip
"""Calls that reach a name by its text, wherever they stand; `patch.object` is one."""


def private(name: str) -> bool:
    return any(re.match(r"_[A-Za-z]", part) for part in name.split("."))


def names(tree: ast.Module, ours: set[str], *, texts: bool = True) -> Iterator[str]:
    """Private names that a module takes from elsewhere: by import, attribute, keyword, pattern, and by text.

    With `texts` any text counts that could reach one, wherever it stands: a key of settings, a constant used later.
    """
    for node in nodes_of(tree):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.split(".")[0] in LIBRARIES and private(a.name))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in LIBRARIES:
            yield from (name for a in node.names if private(name := f"{node.module}.{a.name}"))
        else:
            yield from (name for name in said(node, texts) if private(name) and name not in ours)


def said(node: ast.AST, texts: bool) -> Iterable[str]:
    """What may be a name in a piece of code."""
    if isinstance(node, ast.Attribute):
        return [node.attr]
    if isinstance(node, ast.keyword):
        return [node.arg or ""]
    if isinstance(node, ast.MatchClass):
        return node.kwd_attrs
    if isinstance(node, ast.Call) and called(node) in BY_TEXT:
        return [name for argument in node.args for name in said(argument, True)]
    if texts and isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 80:
        return [text for text in re.split(r"[:,\s]+", node.value) if TEXT.fullmatch(text)]
    return []


def called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


TEXT = re.compile(r"\w+(\.\w+)*")


def defined(tree: ast.Module) -> set[str]:
    """Names that a file gives to functions, classes, attributes and variables."""
    found: set[str] = set()
    for node in nodes_of(tree):
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


def modules_of(tree: ast.Module) -> set[str]:
    """What a file imports, and from where."""
    found: set[str] = set()
    for node in nodes_of(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_every_private_name_of_a_library_is_listed_with_its_reason_and_none_is_listed_in_vain() -> None:
    """A name that a file defines, or a file of ours from which it imports, is ours; the same name elsewhere is none."""
    trees = dict(trees_in(*PACKAGES))
    given = {
        path.removesuffix(".py").removesuffix("/__init__").replace("/", "."): defined(t) for path, t in trees.items()
    }
    found = {}
    for path, tree in trees.items():
        modules = modules_of(tree)
        ours = (OURS | defined(tree)).union(*(given.get(module, set()) for module in modules))
        texts = path.startswith(SPOKEN_TO) or any(module.split(".")[0] in LIBRARIES for module in modules)
        if there := set(names(tree, ours, texts=texts)):
            found[path] = there
    assert found == {path: set(listed) for path, listed in REASONS.items()}


def test_private_names_of_ray_stand_in_its_patches_alone() -> None:
    torch_and_optuna = ("study/search/optuna_", "trainables/training/optimizers.py")
    assert [p for p in REASONS if not p.startswith((PATCHES, *torch_and_optuna))] == []


SPELLINGS = {
    "import ray._private.node": "ray._private.node",
    "import ray._private.node as node": "ray._private.node",
    "from torch import _C": "torch._C",
    "from ray._private import node": "ray._private.node",
    "study._storage.x": "_storage",
    "getattr(trial, '_cached', None)": "_cached",
    "operator.attrgetter('a._cached')": "a._cached",
    "vars(trial)['_cached']": "_cached",
    "trial.__dict__['_cached']": "_cached",
    "ray.init(_hidden=1)": "_hidden",
    "ray.init(**{'_hidden': 1})": "_hidden",
    "importlib.import_module('botocore._x')": "botocore._x",
    "import_module(f'ray._private')": "ray._private",
    "find('ray.core:_node')": "_node",
    "NAME = '_private.gcs'": "_private.gcs",
    "match trial:\n    case Trial(_cached=1):\n        pass": "_cached",
    "mock.patch.object(trial, '_cached')": "_cached",
    "del trial._cached": "_cached",
    "trial._cached = 1": "_cached",
    "class Mine(ray.tune.Trial):\n    def f(self):\n        return self._cached": "_cached",
}
"""Ways to reach a private name, and what is found of each."""


@pytest.mark.parametrize("code", SPELLINGS)
def test_a_new_one_is_seen_however_it_is_spelled(code: str) -> None:
    tree = ast.parse(code)
    assert set(names(tree, defined(tree))) == {SPELLINGS[code]}


def test_names_of_ours_are_none() -> None:
    tree = ast.parse(
        "class A:\n    def __init__(self):\n        self._own = 1\n    def f(self):\n        return self._own"
    )
    assert set(names(tree, defined(tree))) == set()
