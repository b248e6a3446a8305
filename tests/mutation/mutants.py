"""Small faults of one source file, C++, SystemVerilog or Python: an operator, an operand, a number, a condition, a statement.

The file is read by its tree-sitter grammar, so a fault stands where the language has an expression or a statement, never in
a comment, a string, a type or a pragma. Left alone, as no test could tell or each would: a loop's step (it would not end),
defaults that every use sets, code for simulation alone (``SIMULATION``), signals called ``unused``, and Python's assertions
and annotations. Of a counter's width, ``N > 1 ? $clog2(N) : 1``, only one bit for any N is tried: a wider counter counts the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType

import tree_sitter_cpp
import tree_sitter_python
import tree_sitter_systemverilog
from tree_sitter import Language, Node, Parser

_GRAMMARS: dict[str, ModuleType] = {
    ".h": tree_sitter_cpp,
    ".sv": tree_sitter_systemverilog,
    ".py": tree_sitter_python,
}

_OPERATORS: dict[str, tuple[str, ...]] = {
    "+": ("-",),
    "-": ("+",),
    "*": ("+",),
    "/": ("*",),
    "//": ("*",),
    "%": ("/",),
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "==": ("!=",),
    "!=": ("==",),
    "&": ("|",),
    "|": ("&",),
    "^": ("|",),
    "<<": (">>",),
    ">>": ("<<",),
    ">>>": (">>",),
    "+=": ("-=",),
    "-=": ("+=",),
    "&=": ("|=",),
    "|=": ("&=",),
    "is": ("is not",),
    "in": ("not in",),
    "+:": ("-:",),
}
_NAMES = {
    "min": "max",
    "max": "min",
    "minimum": "maximum",
    "maximum": "minimum",
    "argmin": "argmax",
    "argmax": "argmin",
    "ceil": "floor",
    "floor": "ceil",
    "any": "all",
    "all": "any",
    "True": "False",
    "False": "True",
    "true": "false",
    "false": "true",
    "$signed": "$unsigned",
    "signed": "",
}
_EXPRESSIONS = {
    *("binary_expression", "assignment_expression", "binary_operator", "comparison_operator"),
    *("boolean_operator", "augmented_assignment", "expression", "constant_expression", "indexed_range"),
}
_LOGICAL = {"&&", "||", "and", "or"}
_REMOVED = {"!", "~", "-", "not"}
_UNARY = {"unary_expression", "unary_operator", "not_operator"}
_LITERALS = {"number_literal", "integer", "float", "integral_number", "unbased_unsized_literal"}
_STATEMENTS = {
    *("nonblocking_assignment", "blocking_assignment", "operator_assignment", "expression_statement"),
    *("raise_statement", "continue_statement", "break_statement"),
}
_LEFT_ALONE = {
    *(
        "comment",
        "string",
        "string_literal",
        "quoted_string",
        "preproc_include",
        "preproc_call",
        "preproc_arg",
    ),
    *("template_parameter_list", "static_assert_declaration", "parameter_declaration", "for_step"),
    *(
        "genvar_iteration",
        "update_expression",
        "type",
        "assert_statement",
        "attribute_instance",
        "event_control",
    ),
}
_WIDTH = re.compile(r"(.+) > 1 \? \$clog2\(\1\) : 1")
_TRUE = {".h": ("true", "false"), ".sv": ("1'b1", "1'b0"), ".py": ("True", "False")}


@dataclass(frozen=True)
class Mutant:
    """One fault: `text` of the file from byte `start` to `end` becomes `replacement`."""

    text: bytes
    start: int
    end: int
    replacement: bytes

    @property
    def source(self) -> bytes:
        """The whole file with the fault."""
        return self.text[: self.start] + self.replacement + self.text[self.end :]

    @property
    def line(self) -> int:
        """The number of its first line, from 1."""
        return self.text.count(b"\n", 0, self.start) + 1

    @property
    def before(self) -> str:
        """The lines that it touches as they are, in one."""
        return self._lines(self.text[self.start : self.end])

    @property
    def after(self) -> str:
        """The same lines with the fault."""
        return self._lines(self.replacement)

    def _lines(self, middle: bytes) -> str:
        first = self.text.rfind(b"\n", 0, self.start) + 1
        last = self.text.find(b"\n", self.end)
        whole = self.text[first : self.start] + middle + self.text[self.end : last if last >= 0 else None]
        return " ".join(whole.decode().split())


def mutants(text: bytes, suffix: str) -> list[Mutant]:
    """Return every fault of a file, in the file's order. suffix: .h, .sv or .py, which names the language.

    Raises:
        ValueError: the grammar does not read the file.
    """
    parser = Parser(Language(_GRAMMARS[suffix].language()))
    root = parser.parse(text).root_node
    hidden = [match.span() for match in re.finditer(rb"`ifdef SIMULATION.*?`endif", text, re.DOTALL)]
    unread: list[Node] = []
    found: dict[tuple[int, int, bytes], Mutant] = {}
    for node, inside in _walk(root, ""):
        if node.is_error or node.is_missing:
            unread.append(node)
        if any(first <= node.start_byte < last for first, last in hidden):
            continue
        for start, end, replacement in _faults(node, suffix, inside):
            key = (start, end, replacement.encode())
            if text[start:end] != key[2]:
                found.setdefault(key, Mutant(text, *key))
    if len(unread) > 1:
        raise ValueError(f"line {unread[0].start_point[0] + 1}: not read by the grammar of {suffix} files")
    return [found[key] for key in sorted(found)]


def _walk(node: Node, inside: str) -> Iterator[tuple[Node, str]]:
    """Yield the nodes that may have faults; with each, `width` in a declaration's dimension."""
    if node.type in _LEFT_ALONE or _is_a_default(node) or _is_for_the_linter(node):
        return
    if node.type in ("packed_dimension", "unpacked_dimension"):
        inside = "width"
    yield node, inside
    if node.type == "raise_statement" or _is_a_width(node):
        return
    for child in node.children:
        yield from _walk(child, inside)


def _is_a_default(node: Node) -> bool:
    """Say whether this is a member of a configuration's struct, which the writer sets in each layer's own."""
    if node.type != "field_declaration" or node.parent is None or node.parent.parent is None:
        return False
    name = node.parent.parent.child_by_field_name("name")
    return name is not None and _text(name).endswith("_config")


def _is_for_the_linter(node: Node) -> bool:
    """Say whether this gathers what nobody reads."""
    return node.type == "net_assignment" and _text(node).startswith("unused ")


def _is_a_width(node: Node) -> bool:
    """Say whether this is the width of a counter."""
    return node.type in ("constant_expression", "expression") and bool(_WIDTH.fullmatch(_text(node)))


def _text(node: Node) -> str:
    return (node.text or b"").decode()


def _faults(node: Node, suffix: str, inside: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, replacement) of a node's own faults."""
    start, end, text = node.start_byte, node.end_byte, _text(node)
    parent = node.parent.type if node.parent else ""
    if _is_a_width(node):
        yield start, end, "1"
        return
    if node.type in _LITERALS:
        yield from ((start, end, other) for other in _numbers(text, inside == "width"))
        return
    if inside == "width":
        return
    if node.child_count == 0:
        if parent in _EXPRESSIONS or (parent == "unary_operator" and text in "&|^"):
            yield from ((start, end, other) for other in _OPERATORS.get(text, ()))
            if text in _LOGICAL and node.parent is not None:
                yield from _one_side(node.parent)
        elif parent in _UNARY and text in _REMOVED:
            yield start, end, ""
        elif text in _NAMES:
            yield start, end, _NAMES[text]
    condition = _condition(node, suffix)
    if condition is not None:
        yield from ((condition.start_byte, condition.end_byte, value) for value in _TRUE[suffix])
    if node.type in _STATEMENTS and parent != "for_step":
        yield from _deletion(node, suffix)


def _condition(node: Node, suffix: str) -> Node | None:
    """Return what an `if` or a choice of two values decides by."""
    if node.type in ("if_statement", "if_generate_construct", "conditional_statement"):
        kinds = {"condition_clause", "cond_predicate", "constant_expression"}
        if suffix == ".py":
            return node.child_by_field_name("condition")
        clause = next((child for child in node.children if child.type in kinds), None)
        if clause is not None and clause.type == "condition_clause":
            return clause.child_by_field_name("value")
        return clause
    places = [index for index, child in enumerate(node.children) if child.type == "?"]
    if places and node.type in ("conditional_expression", "expression", "constant_expression"):
        return node.children[places[0] - 1]
    if node.type == "conditional_expression":
        return node.children[2]
    return None


def _one_side(node: Node) -> Iterator[tuple[int, int, str]]:
    """Yield each side of a logical operator in place of both."""
    for side in (node.children[0], node.children[-1]):
        yield node.start_byte, node.end_byte, _text(side)


def _deletion(node: Node, suffix: str) -> Iterator[tuple[int, int, str]]:
    if suffix == ".py" and node.type == "expression_statement":
        inner = node.children[0]
        left = inner.child_by_field_name("left") if inner.type == "assignment" else None
        if inner.type in ("call", "augmented_assignment") or (
            left is not None and left.type in ("subscript", "attribute")
        ):
            yield node.start_byte, node.end_byte, "pass"
        return
    yield node.start_byte, node.end_byte, {".py": "pass", ".sv": "", ".h": ";"}[suffix]


def _numbers(text: str, narrower: bool) -> Iterator[str]:
    """Yield a number's neighbours. narrower: in a range of bits, the one that makes it smaller."""
    if text in ("'0", "'1"):
        yield "'1" if text == "'0" else "'0"
    elif whole := re.fullmatch(r"(-?\d+)(\.0|[uUlL]*)", text):
        value, tail = int(whole[1]), whole[2]
        yield f"{value + 1}{tail}"
        if value and not narrower:
            yield f"{value - 1}{tail}"
    elif sized := re.fullmatch(r"(\d+)'([bdh])([0-9A-Fa-f]+)", text):
        base = {"b": 2, "d": 10, "h": 16}[sized[2]]
        value = (int(sized[3], base) + 1) % (1 << int(sized[1]))
        yield f"{sized[1]}'{sized[2]}{_written(value, base)}"


def _written(value: int, base: int) -> str:
    return f"{value:b}" if base == 2 else f"{value:X}" if base == 16 else str(value)
