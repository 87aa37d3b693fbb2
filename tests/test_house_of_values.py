"""Values have names and types: no public function takes or returns a mapping whose keys are field names.

What breaks the rule today is listed in tests/exceptions, as for `tests/test_house.py`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.test_house import Function, exceptions, hold, name_of, trees

MAPPINGS = {"dict", "Dict", "Mapping", "MutableMapping", "OrderedDict", "defaultdict", "MappingProxyType", "ChainMap"}


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
