"""Values have names and types: no public function takes or returns a mapping whose keys are field names.

What breaks the rule today is listed in tests/exceptions, as for `tests/test_house.py`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache

import pytest

from tests.parsed import nodes_of
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
        return [k for side in slices(node) for k in kinds(side)]
    if isinstance(node, ast.Subscript) and name_of(node.value) == "Annotated":
        return kinds(slices(node)[0])
    return [] if isinstance(node, ast.Constant) and node.value is None else [node]


def slices(node: ast.Subscript) -> list[ast.expr]:
    """What stands in the brackets."""
    return node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]


class Expanded(ast.NodeTransformer):
    """An annotation in the words of Python: other names for types are what they stand for, and quotes are off."""

    def __init__(self, words: dict[str, ast.expr]) -> None:
        self.words = words

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self.words.get(node.id, node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        return self.words.get(node.attr, node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        return node if name_of(node.value) == "Literal" else self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if not isinstance(node.value, str):
            return node
        try:
            quoted = ast.parse(node.value, mode="eval").body
        except SyntaxError:
            return node
        found: ast.AST = self.visit(quoted)
        return found


def expanded(node: ast.expr, words: dict[str, ast.expr]) -> ast.expr:
    """An annotation, where `words` says what other names for types stand for."""
    found: ast.expr = Expanded(words).visit(ast.parse(ast.unparse(node), mode="eval").body)
    return found


LISTS = {"Sequence", "Iterable", "Iterator", "Collection", "list", "List", "set", "frozenset", "Set"}
PLAIN = {"str", "int", "float", "bool", "bytes", "complex"}
NAMESPACES = {"SimpleNamespace", "Namespace"}


def takes_any(values: list[ast.expr]) -> bool:
    """Whether values are of any kind, or of several of Python's own: what stands under a name depends on the name."""
    of = [k for v in values for k in kinds(v)]
    names = {name_of(k) for k in of}
    return not of or bool(names & {"Any", "object"}) or (len(of) > 1 and bool(names & PLAIN)) or any(map(is_open, of))


def is_open(node: ast.AST) -> bool:
    """Whether an annotation holds a mapping from text to values of any kind, or of several; or a list of such pairs."""
    if isinstance(node, ast.Subscript) and name_of(node.value) == "Literal":
        return False
    if isinstance(node, ast.Subscript) and name_of(node.value) == "Annotated":
        return is_open(slices(node)[0])
    if isinstance(node, ast.Subscript) and name_of(node.value) in MAPPINGS:
        key, *values = slices(node)
        if key_is_text(key):
            return takes_any(values)
        return any(is_open(v) for v in values)
    if isinstance(node, ast.Subscript) and (pair := pair_in(node)):
        return takes_any([pair])
    if name_of(node) in MAPPINGS | NAMESPACES:
        return True
    return any(is_open(part) for part in ast.iter_child_nodes(node))


def key_is_text(key: ast.expr) -> bool:
    return all(
        name_of(k) == "str" or (isinstance(k, ast.Subscript) and name_of(k.value) == "Literal") for k in kinds(key)
    )


def pair_in(node: ast.Subscript) -> ast.expr | None:
    """What stands beside text in a list of pairs: `tuple[tuple[str, Any], ...]` is a mapping in other clothes."""
    inside = slices(node)
    many = name_of(node.value) in LISTS or (
        name_of(node.value) in ("tuple", "Tuple") and ast.unparse(inside[-1]) == "..."
    )
    pair = inside[0]
    if many and isinstance(pair, ast.Subscript) and name_of(pair.value) in ("tuple", "Tuple"):
        of = slices(pair)
        if len(of) == 2 and ast.unparse(of[1]) != "..." and key_is_text(of[0]):
            return of[1]
    return None


@cache
def other_words() -> dict[str, dict[str, ast.expr]]:
    """By file, its other names for types and what they stand for: its own, and those that it takes from others."""
    files = dict(trees())
    words: dict[str, dict[str, ast.expr]] = {path: {} for path in files}
    while True:
        found = {
            path: {
                **imported(tree, words),
                **{name: expanded(of, words[path]) for node in tree.body for name, of in words_of(node).items()},
            }
            for path, tree in files.items()
        }
        if {p: {n: ast.unparse(e) for n, e in w.items()} for p, w in found.items()} == {
            p: {n: ast.unparse(e) for n, e in w.items()} for p, w in words.items()
        }:
            return words
        words = found


def imported(tree: ast.Module, words: dict[str, dict[str, ast.expr]]) -> dict[str, ast.expr]:
    """The words that a file takes from others, also Python's own under another name."""
    found: dict[str, ast.expr] = {}
    for node in nodes_of(tree):
        for alias in node.names if isinstance(node, ast.ImportFrom) and node.module else ():
            name = alias.asname or alias.name
            if alias.asname and alias.name in MAPPINGS | NAMESPACES | LISTS | {"Any"}:
                found[name] = ast.Name(alias.name)
            for end in (".py", "/__init__.py"):
                there = words.get(str(getattr(node, "module", "")).replace(".", "/") + end, {})
                if alias.name in there:
                    found[name] = there[alias.name]
    return found


def words_of(node: ast.stmt) -> dict[str, ast.expr]:
    """The other names for types that a statement makes: `Knobs = dict[str, Any]`, a `TypedDict`, a class of dict's."""
    if isinstance(node, ast.ClassDef):
        for base in node.bases:
            kind = base.value if isinstance(base, ast.Subscript) else base
            if name_of(kind) in MAPPINGS | {"TypedDict", "UserDict"}:
                return {node.name: ast.Name("dict") if name_of(kind) in ("TypedDict", "UserDict") else base}
        return {}
    if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
        return {}
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    value = node.value
    if isinstance(value, ast.Call) and name_of(value.func) == "NewType":
        value = value.args[1]
    quoted = isinstance(node, ast.AnnAssign) and name_of(node.annotation) == "TypeAlias"
    if isinstance(value, ast.Subscript | ast.BinOp | ast.Name | ast.Attribute) or quoted:
        return {target.id: value for target in targets if isinstance(target, ast.Name) and target.id != name_of(value)}
    return {}


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
        ("Mapping[Name, 'int | str']", True),
        ("Mapping[str, Value]", True),
        ("Mapping[Literal['a', 'b'], Any]", True),
        ("tuple[tuple[str, Any], ...]", True),
        ("Iterable[tuple[Name, Value]]", True),
        ("list[tuple[str, dict[str, object]]]", True),
        ("types.SimpleNamespace", True),
        ("Mapping[str, float]", False),
        ("Mapping[str, Sequence[float] | None]", False),
        ("Mapping[str, Float | Choice]", False),
        ("Iterable[tuple[str, float]]", False),
        ("tuple[str, ...]", False),
        ("dict[int, Any]", False),
        ("Literal['dict']", False),
        ("Annotated[tuple[dict[str, Any], ...], Listed]", True),
        ("Annotated[Point, PlainValidator(read, json_schema_input_type=dict[str, Any])]", False),
        ("TrialConfig | None", False),
    ],
)
def test_an_open_mapping_is_found_however_it_is_annotated(annotation: str, found: bool) -> None:
    words = {"Config": "dict[str, Any]", "Name": "str", "Value": "int | str"}
    known = {name: ast.parse(text, mode="eval").body for name, text in words.items()}
    assert is_open(expanded(ast.parse(annotation, mode="eval").body, known)) == found


def test_other_words_for_open_mappings_are_found() -> None:
    lines = ast.parse(
        "Plain = dict[str, Any]\nclass Config(TypedDict):\n    lr: float\nclass Own(dict[str, Any]): ...\n"
        "Curves = Mapping[str, float]\nNew = NewType('New', dict[str, object])\nQuoted: TypeAlias = 'dict[str, Any]'\n"
        "M = MutableMapping\nclass Value: ...\nx = f(1)"
    ).body
    found = {name: is_open(expanded(of, {})) for node in lines for name, of in words_of(node).items()}
    assert found == dict.fromkeys(("Plain", "Config", "Own", "New", "Quoted", "M"), True) | {"Curves": False}
    words = imported(ast.parse("from collections.abc import Mapping as M"), {})
    assert is_open(expanded(ast.parse("M[str, Any]", mode="eval").body, words))


def test_no_public_function_takes_or_returns_an_open_mapping() -> None:
    """Values have names and types. JSON at a file's edge and what Ray hands over are in the list, and stay there."""
    words = other_words()
    hold(
        "open-mappings",
        {
            f"{path}: {name}"
            for path, tree in trees()
            for name, function in public_functions(tree)
            if any(is_open(expanded(annotation, words[path])) for annotation in types_of(function))
        },
    )


def test_no_public_function_takes_words_of_its_own_under_any_name() -> None:
    """`**fields: Any` is a mapping with open keys; what hands options on to a library is in the list."""
    hold(
        "open-keywords",
        {
            f"{path}: {name}"
            for path, tree in trees()
            for name, function in public_functions(tree)
            if (more := function.args.kwarg) and (more.annotation is None or takes_any([more.annotation]))
        },
    )


def test_no_public_value_has_an_open_mapping_as_a_field() -> None:
    """A field is a parameter of what makes the value, and what others read of it."""
    words = other_words()
    hold(
        "open-fields",
        {
            f"{path}: {name}"
            for path, tree in trees()
            for name, annotation in public_fields(tree)
            if is_open(expanded(annotation, words[path]))
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
