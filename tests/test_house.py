"""The house stays in order: where tests lie, how long files and functions are, names that occur once, typed values.

What breaks a rule today is listed in tests/exceptions, a line each. The lists may only shrink: what is not listed
fails, and so does a line whose reason is gone.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.test_architecture import PACKAGES, ROOT
from trainables.records.metrics import METRICS

FILE_LINES, FUNCTION_LINES = 350, 50
Function = ast.FunctionDef | ast.AsyncFunctionDef
MAPPINGS = {"dict", "Dict", "Mapping", "MutableMapping", "OrderedDict", "defaultdict", "MappingProxyType", "ChainMap"}


def exceptions(name: str) -> set[str]:
    """The lines of one list, without remarks."""
    lines = (ROOT / "tests/exceptions" / f"{name}.txt").read_text().splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def hold(name: str, found: set[str]) -> None:
    listed = exceptions(name)
    assert found - listed == set(), f"new; the rule holds for what is not in tests/exceptions/{name}.txt"
    assert listed - found == set(), f"no longer so: take these lines out of tests/exceptions/{name}.txt"


def trees() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text())


def public_functions(tree: ast.Module) -> Iterator[tuple[str, Function]]:
    """Functions and methods that others may call, with their names."""
    for node in tree.body:
        if isinstance(node, Function) and not node.name.startswith("_"):
            yield node.name, node
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for method in node.body:
                if isinstance(method, Function) and (method.name == "__init__" or not method.name.startswith("_")):
                    yield f"{node.name}.{method.name}", method


def public_fields(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Fields of values that others may make and read, with their annotations."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for field in ast.walk(node):
                mine = field in node.body or (
                    isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Attribute)
                )
                if mine and isinstance(field, ast.AnnAssign) and not name_of(field.target).startswith("_"):
                    yield f"{node.name}.{name_of(field.target)}", field.annotation


def types_of(function: Function) -> list[ast.expr]:
    given = function.args
    named = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    found = [a.annotation for a in named if a is not None] + [function.returns]
    return [node for node in found if node is not None]


def name_of(node: ast.AST) -> str:
    """The last part of a name: `Mapping` of `collections.abc.Mapping`."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def kinds(node: ast.expr) -> list[ast.expr]:
    """The sides of a union, None aside."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*kinds(node.left), *kinds(node.right)]
    if isinstance(node, ast.Subscript) and name_of(node.value) in ("Union", "Optional"):
        sides = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return [k for side in sides for k in kinds(side)]
    return [] if isinstance(node, ast.Constant) and node.value is None else [node]


def is_open(node: ast.AST, words: set[str]) -> bool:
    """Whether an annotation holds a mapping from text to values of any kind, or of several, or a word for one."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):  # an annotation in quotes
        try:
            return is_open(ast.parse(node.value, mode="eval").body, words)
        except SyntaxError:
            return False
    if isinstance(node, ast.Subscript) and name_of(node.value) == "Literal":
        return False
    if isinstance(node, ast.Subscript) and name_of(node.value) == "Annotated" and isinstance(node.slice, ast.Tuple):
        return is_open(node.slice.elts[0], words)
    if isinstance(node, ast.Subscript) and name_of(node.value) in MAPPINGS:
        key, *values = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if name_of(key) != "str":
            return any(is_open(v, words) for v in values)
        of = [k for v in values for k in kinds(v)]
        return not of or len(of) > 1 or name_of(of[0]) in ("Any", "object") or any(is_open(k, words) for k in of)
    if name_of(node) in MAPPINGS | words:
        return True
    return any(is_open(part, words) for part in ast.iter_child_nodes(node))


def open_words() -> dict[str, set[str]]:
    """By file, its other words for open mappings: `Knobs = dict[str, Any]`, every `TypedDict`, what is made of them."""
    files = dict(trees())
    words: dict[str, set[str]] = {path: set() for path in files}
    while True:
        found = {
            path: words[path].union(*(words_of(node, words[path]) for node in tree.body), imported(tree, words))
            for path, tree in files.items()
        }
        if found == words:
            return words
        words = found


def imported(tree: ast.Module, words: dict[str, set[str]]) -> set[str]:
    """The words that a file takes from others."""
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
        if any(alias.name in words.get(node.module.replace(".", "/") + end, ()) for end in (".py", "/__init__.py"))
    }


def words_of(node: ast.stmt, words: set[str]) -> set[str]:
    """The words that a statement makes for an open mapping, given those that are known."""
    if isinstance(node, ast.ClassDef):
        return {node.name} if any(name_of(base) in {"TypedDict", *words} for base in node.bases) else set()
    if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Subscript | ast.BinOp | ast.Name):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return {name_of(target) for target in targets} - {""} if is_open(node.value, words) else set()
    return set()


@pytest.mark.parametrize(
    ("annotation", "found"),
    [
        ("dict[str, Any]", True),
        ("collections.abc.Mapping[str, object]", True),
        ("'dict[str, Any] | None'", True),
        ("dict", True),
        ("Sequence[Mapping[str, int | str]]", True),
        ("MutableMapping[str, Optional[Any]]", True),
        ("Callable[[dict[str, Any]], None]", True),
        ("Config", True),
        ("tuple[Config, ...]", True),
        ("Mapping[str, dict[str, Any]]", True),
        ("Mapping[str, float]", False),
        ("Mapping[str, Sequence[float] | None]", False),
        ("dict[int, Any]", False),
        ("Literal['dict']", False),
        ("Annotated[tuple[dict[str, Any], ...], Listed]", True),
        ("Annotated[Point, PlainValidator(read, json_schema_input_type=dict[str, Any])]", False),
        ("TrialConfig | None", False),
    ],
)
def test_an_open_mapping_is_found_however_it_is_annotated(annotation: str, found: bool) -> None:
    assert is_open(ast.parse(annotation, mode="eval").body, {"Config"}) == found


def test_other_words_for_open_mappings_are_found() -> None:
    lines = ast.parse(
        "Plain = dict[str, Any]\nclass Config(TypedDict):\n    lr: float\nCurves = Mapping[str, float]"
    ).body
    assert [words_of(node, set()) for node in lines] == [{"Plain"}, {"Config"}, set()]
    assert words_of(ast.parse("Settings = Plain | None").body[0], {"Plain"}) == {"Settings"}


def test_no_file_is_long() -> None:
    lengths = {path: len((ROOT / path).read_text().splitlines()) for path, _ in trees()}
    hold("long-files", {path for path, lines in lengths.items() if lines > FILE_LINES})


def test_no_function_is_long() -> None:
    hold(
        "long-functions",
        {
            f"{path}: {node.name}"
            for path, tree in trees()
            for node in ast.walk(tree)
            if isinstance(node, Function) and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES
        },
    )


def test_no_public_function_takes_or_returns_an_open_mapping() -> None:
    """Values have names and types. JSON at a file's edge and what Ray hands over are in the list, and stay there."""
    words = open_words()
    hold(
        "open-mappings",
        {
            f"{path}: {name}"
            for path, tree in trees()
            for name, function in public_functions(tree)
            if any(is_open(annotation, words[path]) for annotation in types_of(function))
        },
    )


def test_no_public_value_has_an_open_mapping_as_a_field() -> None:
    """A field is a parameter of what makes the value, and what others read of it."""
    words = open_words()
    hold(
        "open-fields",
        {
            f"{path}: {name}"
            for path, tree in trees()
            for name, annotation in public_fields(tree)
            if is_open(annotation, words[path])
        },
    )


def is_mapping(annotation: ast.expr | None) -> bool:
    """Whether an annotation holds a mapping of whatever kind."""
    return annotation is not None and any(name_of(part) in MAPPINGS for part in ast.walk(annotation))


def spelled_keys(function: Function) -> bool:
    """Whether a function spells keys of a mapping that it takes, or two or more of one where it returns one."""
    taken = {a.arg for a in [*function.args.args, *function.args.kwonlyargs] if is_mapping(a.annotation)}
    for node in ast.walk(function):
        match node:
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str())):
                asked = name
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="get"), args=[ast.Constant(), *_]):
                asked = name
            case ast.Dict(keys=keys) if is_mapping(function.returns):
                if sum(isinstance(k, ast.Constant) and isinstance(k.value, str) for k in keys) > 1:
                    return True
                continue
            case _:
                continue
        if asked in taken:
            return True
    return False


def test_no_public_function_spells_the_keys_of_a_mapping_however_that_is_annotated() -> None:
    """`dict[str, str]` with `host` and `torch` in it is a value without a name."""
    listed = exceptions("open-mappings")
    found = {
        f"{path}: {name}"
        for path, tree in trees()
        for name, function in public_functions(tree)
        if not name.endswith("__init__") and spelled_keys(function)
    }
    hold("field-names", found - listed)


def test_keys_that_are_spelled_are_found() -> None:
    yes = [
        "def f() -> dict[str, str]:\n    return {'host': 'a', 'torch': 'b'}",
        "def f(x: Mapping[str, int]) -> int:\n    return x['val']",
        "def f(x: Mapping[str, int] | None = None) -> int:\n    return x.get('val', 0)",
    ]
    no = [
        "def f() -> dict[str, str]:\n    return {name: 'a' for name in NAMES}",
        "def f(x: Mapping[str, int], name: str) -> int:\n    return x[name]",
        "def f(x: Frame) -> int:\n    return x['val']",
    ]
    for code, found in [*((c, True) for c in yes), *((c, False) for c in no)]:
        (function,) = ast.parse(code).body
        assert isinstance(function, Function) and spelled_keys(function) is found, code


def test_every_public_class_name_occurs_once() -> None:
    """In the packages, and in what is not shipped either: a name means one thing."""
    paths = [
        p for folder in (*PACKAGES, "benchmarks", "docs", "examples", "tests") for p in (ROOT / folder).rglob("*.py")
    ]
    names = Counter(
        node.name
        for path in paths
        for node in ast.parse(path.read_text()).body
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
        known |= {word for node in ast.walk(tree) for word in names_in(node)}
    assert {f"{path}: {word}" for path, words in said.items() for word in words - known} == set()


def names_in(node: ast.AST) -> list[str]:
    """What a piece of code calls by name, and short texts: words of a command line, keys of a file."""
    if isinstance(node, Function | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 40:
        return re.findall(r"\w+", node.value)
    return [node.arg] if isinstance(node, ast.arg) else [name_of(node)]


def is_there(name: str) -> bool:
    """Whether the first parts are a package or module, and the next one, if any, stands in it."""
    place, rest = ROOT, name.split(".")
    while rest and (place / rest[0]).is_dir():
        place, rest = place / rest[0], rest[1:]
    if rest and (place / f"{rest[0]}.py").is_file():
        place, rest = place / f"{rest[0]}.py", rest[1:]
    module = place if place.is_file() else place / "__init__.py"
    return not rest or (module.is_file() and re.search(rf"\b{rest[0]}\b", module.read_text()) is not None)
