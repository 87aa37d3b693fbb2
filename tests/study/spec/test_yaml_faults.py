"""What people get wrong in YAML is said in plain words, of the line in which it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from study.spec.yaml_faults import not_yaml
from study.spec.yaml_file import read_yaml
from trainables.config.errors import BadInput

INDENT = "the indent is wrong: "
NO_COLON = "a colon is missing: write NAME: VALUE; what goes on with the line above is indented"
FAULTS: dict[str, tuple[int, str]] = {
    # a bracket, where the library speaks of the line after it, or of the file's end
    "name: a\nknobs: [lr\nepochs: 2\n": (2, "in 'knobs: [lr' the \"[\" is not closed: write \"]\" where it ends"),
    "arms:\n  - {name: a, change: {lr: 1}\n  - {name: b}\n": (2, 'the "{" is not closed: write "}" where it ends'),
    "x: 1\nbase: {lr: 0.1\n\n# end\n": (2, 'the "{" is not closed: write "}" where it ends'),
    "x: 1\nknobs: [\n": (2, 'the "[" is not closed: write "]" where it ends'),
    "x: 1\nbase: {knobs: [a,\n": (2, 'the "[" is not closed: write "]" where it ends'),
    "a: {b: [1, 2}\n": (1, 'the "[" is not closed: write "]" before the "}"'),
    "knobs: [lr]]\n": (1, 'there is a "]" without its "["'),
    "a: 1\nb: }\n": (2, 'there is a "}" without its "{"'),
    "base: {lr: 0.1 hidden: 5}\n": (1, 'a comma is missing, or a text with ": " needs quotes'),
    "base: {\n  lr: 0.1\n  hidden: 5\n}\n": (2, "in 'lr: 0.1' a comma is missing at the end"),
    "arms: [{name: a} {name: b}]\n": (1, "a comma is missing before '{name: b}]'"),
    "a: [1,,2]\n": (1, "nothing stands before a comma: take it out, or write the value"),
    # a quote
    'title: "The rate\nquestion: Q?\n': (1, "in 'title: \"The rate' the quote \" is not closed"),
    'title: "The rate\nquestion: "Does it?"\n': (1, "the quote \" is not closed: write \" where the text ends"),
    "x: 1\ntitle: 'It's the rate'\n": (2, "the text ends at the second ': within '...' write an apostrophe twice"),
    'title: "a" b\n': (1, 'text stands behind the closing ": put all of it within the quotes'),
    'a: "\\q"\n': (1, '\\q means nothing: within "..." write \\\\ for a backslash'),
    "a: @b\n": (1, "a text that begins with @ needs quotes"),
    # a tab
    "name:\n\t- a\n": (2, "in '- a' there is a tab: indent with spaces, not with tabs"),
    "a: 1\nb:\t2\n": (2, "there is a tab: indent with spaces, not with tabs"),
    # a colon
    "x: 1\n  - title: The rate: which?\n": (2, INDENT),
    "title: The rate: which?\n": (1, 'a text with ": " needs quotes, as in title: "The rate: which?"'),
    'title: The "rate": which?\n': (1, 'needs quotes'),
    "name:a\nb: 2\n": (1, "in 'name:a' a space is missing behind the colon, or the colon: write NAME: VALUE"),
    "name: a\ntitle b\nx: 2\n": (2, f"in 'title b' {NO_COLON}"),
    "x: 1\nanswer: >\nIt does.\n": (3, f"in 'It does.' {NO_COLON}"),
    # the indent
    "x: 1\n  y: 2\n": (2, f"in 'y: 2' {INDENT}'x: 1' above it has a value already"),
    "arms:\n  - name: a\n change: 2\n": (3, f"in 'change: 2' {INDENT}no line above that it could belong to has 1"),
    "  x: 1\n y: 2\n": (2, f"{INDENT}no line above that it could belong to has 1 space"),
    "x: 1\n- y\n": (2, f'{INDENT}"- ..." stands among lines NAME: VALUE'),
    "- y\nx: 1\n": (2, f'{INDENT}NAME: VALUE stands among lines "- ..."'),
    "arms: - name\n": (1, 'a list with "- " begins on a line of its own; within a line write [A, B]'),
    # a key
    "a: 1\nb: 2\na: 3\n": (3, "the key stands twice: a; it stands in line 1 too, leave one of them out"),
    "b: {a: 1, a: 2}\n": (1, "the key stands twice: a; it stands in this line too"),
}  # fmt: skip


@pytest.mark.parametrize("text", FAULTS)
def test_a_mistake_is_said_of_its_own_line_without_the_librarys_words(text: str, tmp_path: Path) -> None:
    (file := tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(BadInput) as caught:
        read_yaml(file)
    said, (line, words) = str(caught.value), FAULTS[text]
    assert said.startswith(f"{file}, line {line}: ") and words in said, said
    assert said.isprintable() and not any(w in said for w in ("while ", "expected <", "scalar", "mapping", "token"))


def test_a_long_line_is_cut_and_what_nobody_foresaw_keeps_the_librarys_words(tmp_path: Path) -> None:
    (file := tmp_path / "mine.yaml").write_text("x: [" + "1, " * 90 + "\ny: 2\n")
    with pytest.raises(BadInput, match=r"line 1: in 'x: \[1, .{40,60}\.\.\.' the \"\[\" is not closed") as caught:
        read_yaml(file)
    assert len(str(caught.value)) < len(str(file)) + 160
    assert not_yaml(yaml.MarkedYAMLError("while it ran", None, "a wonder"), b"") == (
        1, "", "it is not YAML: while it ran a wonder"
    )  # fmt: skip
