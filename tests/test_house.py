"""The house stays in order: where tests lie, how long files and functions are, names that occur once.

What breaks a rule today is listed in tests/exceptions, a line each. The lists may only shrink: what is not listed
fails, and so does a line whose reason is gone.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

from tests.parsed import nodes_of, trees_in
from tests.test_architecture import PACKAGES, ROOT
from trainables.records.metrics import METRICS

FILE_LINES, FUNCTION_LINES = 350, 50
Function = ast.FunctionDef | ast.AsyncFunctionDef


def exceptions(name: str) -> set[str]:
    """The lines of one list, without remarks."""
    lines = (ROOT / "tests/exceptions" / f"{name}.txt").read_text().splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def hold(name: str, found: set[str]) -> None:
    listed = exceptions(name)
    assert found - listed == set(), f"new; the rule holds for what is not in tests/exceptions/{name}.txt"
    assert listed - found == set(), f"no longer so: take these lines out of tests/exceptions/{name}.txt"


def trees() -> tuple[tuple[str, ast.Module], ...]:
    """The packages' files."""
    return trees_in(*PACKAGES)


def name_of(node: ast.AST) -> str:
    """The last part of a name: `Mapping` of `collections.abc.Mapping`."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def test_no_file_is_long() -> None:
    lengths = {path: len((ROOT / path).read_text().splitlines()) for path, _ in trees()}
    hold("long-files", {path for path, lines in lengths.items() if lines > FILE_LINES})


def test_no_function_is_long() -> None:
    hold(
        "long-functions",
        {
            f"{path}: {node.name}"
            for path, tree in trees()
            for node in nodes_of(tree)
            if isinstance(node, Function) and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES
        },
    )


def test_every_public_class_name_occurs_once() -> None:
    """In the packages, and in what is not shipped either: a name means one thing."""
    names = Counter(
        node.name
        for _, tree in trees_in(*PACKAGES, "benchmarks", "docs", "examples", "tests")
        for node in tree.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    hold("class-names", {name for name, count in names.items() if count > 1})


def test_a_test_lies_where_its_module_does() -> None:
    """`study/storage/lock.py` is tested by `tests/study/storage/test_lock.py`; a part of it by `test_lock_s3.py`."""
    lost = []
    paths = [path for package in PACKAGES for path in (ROOT / "tests" / package).rglob("test_*.py")]
    for path in paths:
        room = ROOT / path.parent.relative_to(ROOT / "tests")
        subject = path.stem.removeprefix("test_")
        known = {room.name, *(p.stem for p in room.iterdir() if p.suffix == ".py" or (p / "__init__.py").is_file())}
        if not any(subject == name or subject.startswith(f"{name}_") for name in known):
            lost.append(str(path.relative_to(ROOT)))
    hold("tests-of-several-modules", set(lost))


COUNTED = {
    "BINS",
    "QUANTILES",
    "FORMAT",
    "VERSION",
    "PATHS",
    "SAMPLES",
    "DECIMALS",
    "REPEATS",
    "INPUTS",
    "HIDDEN",
    "OUTPUTS",
    "NICENESS",
}
"""Words that say by themselves what is counted."""


def test_a_constant_that_is_a_number_says_of_what_and_in_which_unit() -> None:
    """`MAX_TRIALS_READ` and `STALL_SECONDS`, and neither `MOST` nor `PATIENCE`: one word says no unit."""
    riddles = [
        f"{path}: {name}"
        for path, tree in trees()
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for name in numbers_of(node)
        if "_" not in name.strip("_") and name.strip("_") not in COUNTED
    ]
    assert riddles == []


def numbers_of(node: ast.Assign | ast.AnnAssign) -> Iterator[str]:
    """The names that an assignment gives to numbers, or to rows of numbers."""
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        pairs = [(target, node.value)]
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            pairs = list(zip(target.elts, node.value.elts, strict=True))
        for name, value in pairs:
            parts = list(ast.walk(value)) if value else []
            kinds = (ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.Tuple, ast.expr_context)
            values = [type(p.value) for p in parts if isinstance(p, ast.Constant)]
            if isinstance(name, ast.Name) and values and all(isinstance(p, kinds) for p in parts):
                yield from [name.id] if {*values} <= {int, float} else []


def test_every_room_says_what_lives_in_it() -> None:
    """The docstring of its `__init__.py`; one that hands names on says so there."""
    silent = [path for path, tree in trees() if path.endswith("__init__.py") and not ast.get_docstring(tree)]
    assert silent == []


NAMED = re.compile(r"`((?:trainables|study|analysis|benchmarks)(?:\.\w+){1,4})\b(?!\.)")
NO_MODULES = {"study.py", "study.yaml", "study.figures"}
"""Files of whoever brings them, and a field."""


def test_modules_that_are_named_in_texts_exist() -> None:
    """`study.storage.lock.hold` in a docstring or a document is a module, and a name that stands in it."""
    texts = [p for package in (*PACKAGES, "benchmarks", "tests") for p in (ROOT / package).rglob("*.py")]
    texts += [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    lost = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in texts
        for name in NAMED.findall(path.read_text())
        if name not in NO_MODULES and not is_there(name)
    }
    assert lost == set()


WORD = re.compile(r"`([a-z]\w*)`")


def test_words_of_code_in_docstrings_are_in_the_code() -> None:
    """`assemble` in a module's docstring is a module or a name; one that is gone is known by no line of code."""
    parsed = list(trees())
    known = {part for path, _ in parsed for part in re.findall(r"\w+", path)} | set(METRICS) | {"study", "pyproject"}
    said: dict[str, set[str]] = {}
    for path, tree in parsed:
        said[path] = set(WORD.findall(ast.get_docstring(tree) or ""))
        known |= {word for node in nodes_of(tree) for word in names_in(node)}
    assert {f"{path}: {word}" for path, words in said.items() for word in words - known} == set()


def names_in(node: ast.AST) -> list[str]:
    """What a piece of code calls by name, and short texts: words of a command line, keys of a file."""
    if isinstance(node, Function | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 40:
        return re.findall(r"\w+", node.value)
    return [node.arg] if isinstance(node, ast.arg) else [name_of(node)]


def test_no_module_takes_a_private_name_of_another() -> None:
    """A leading underscore says that nobody else calls it: what others call has a name and a docstring for them."""
    taken = {
        f"{path}: {node.module}.{alias.name}"
        for path, tree in trees()
        for node in nodes_of(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] in PACKAGES
        for alias in node.names
        if alias.name.startswith("_") and alias.name not in ("__doc__", "__version__")
    }
    assert taken == set()


def is_there(name: str) -> bool:
    """Whether the first parts are a package or module, and the next one, if any, stands in it."""
    place, rest = ROOT, name.split(".")
    while rest and (place / rest[0]).is_dir():
        place, rest = place / rest[0], rest[1:]
    if rest and (place / f"{rest[0]}.py").is_file():
        place, rest = place / f"{rest[0]}.py", rest[1:]
    module = place if place.is_file() else place / "__init__.py"
    return not rest or (module.is_file() and re.search(rf"\b{rest[0]}\b", module.read_text()) is not None)


def test_a_plural_is_made_in_one_place() -> None:
    """By `trainables.config.plurals`, not by an "s" that is put behind a noun or left out."""
    found = {
        path
        for path, tree in trees()
        for node in nodes_of(tree)
        if isinstance(node, ast.IfExp)
        and any(isinstance(one, ast.Constant) and one.value == "s" for one in (node.body, node.orelse))
    }
    assert found == set(), "write counted(n, noun), or noun(n, noun) where the number stands elsewhere"
