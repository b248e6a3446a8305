"""Faults stand where the language has an expression or a statement; verdicts are right; what is kept is used again."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("tree_sitter_systemverilog")

from tests.mutation import __main__ as command
from tests.mutation import equivalent, verdicts
from tests.mutation.equivalent import Equivalent, check, entries, reasons
from tests.mutation.groups import GROUPS, ROOT, Tests, files_of
from tests.mutation.mutants import Mutant, mutants
from tests.mutation.scratch import scratch
from tests.mutation.verdicts import Kept, Verdict, key_of, summary, wilson

VERILOG = b"""
// a < b && c, 3
module m #(parameter integer A = 3) (input wire logic [A-1:0] x, output logic signed y);
    localparam integer B = A > 1 ? 2'd3 : 4;
    localparam integer C = A > 1 ? $clog2(A) : 1;
    assign unused = ^{a[3:2]};
    always_ff @(posedge clk)
        if (rst) q <= '0;
        else q <= !x;
`ifdef SIMULATION
    always_ff @(posedge clk) if (a < b) $fatal;
`endif
endmodule
"""
CPP = b"""
#pragma HLS UNROLL factor = 2
template <int N = 3> struct x_config { static const unsigned n = 5; };
void f(int a) {
    for (int i = 0; i < N; i++)
        if (a >= 2)
            c -= -a; /* a + b */
    puts("1 + 1");
}
"""
PYTHON = b'''
def f(a: int | None) -> int:
    """1 + 1"""
    assert a > 0
    x[0] = a if a in b else -a
    g(x)
    return min(a, 2.0) and not a
'''


def changes(text: bytes, suffix: str) -> list[tuple[str, str]]:
    return [
        (text[mutant.start : mutant.end].decode(), mutant.replacement.decode())
        for mutant in mutants(text, suffix)
    ]


def test_verilog() -> None:
    assert changes(VERILOG, ".sv") == [
        *(("1", "2"), ("0", "1"), ("signed", "")),  # of widths, the one that is narrower
        *(("A > 1", "1'b0"), ("A > 1", "1'b1"), (">", "<="), (">", ">="), ("1", "0"), ("1", "2")),
        *(("2'd3", "2'd0"), ("4", "3"), ("4", "5")),
        ("A > 1 ? $clog2(A) : 1", "1"),
        *(("rst", "1'b0"), ("rst", "1'b1"), ("q <= '0", ""), ("'0", "'1"), ("q <= !x", ""), ("!", "")),
    ]


def test_cpp() -> None:
    assert changes(CPP, ".h") == [
        *(("0", "1"), ("<", "<="), ("<", ">=")),
        *(("a >= 2", "false"), ("a >= 2", "true"), (">=", "<"), (">=", ">"), ("2", "1"), ("2", "3")),
        *(("c -= -a;", ";"), ("-=", "+="), ("-", ""), ('puts("1 + 1");', ";")),
    ]


def test_python() -> None:
    assert changes(PYTHON, ".py") == [
        ("x[0] = a if a in b else -a", "pass"),
        *(("0", "1"), ("a in b", "False"), ("a in b", "True"), ("in", "not in"), ("-", "")),
        *(("g(x)", "pass"), ("min", "max")),
        *(("min(a, 2.0) and not a", "min(a, 2.0)"), ("min(a, 2.0) and not a", "not a")),
        *(("2.0", "1.0"), ("2.0", "3.0"), ("not", "")),
    ]


def test_a_mutant_differs_in_its_own_place_alone() -> None:
    first, *others = mutants(PYTHON, ".py")
    assert first.source == PYTHON.replace(b"x[0] = a if a in b else -a", b"pass")
    assert (first.line, first.before, first.after) == (5, "x[0] = a if a in b else -a", "pass")
    assert len({mutant.source for mutant in others} | {first.source, PYTHON}) == len(others) + 2


def test_what_the_grammar_does_not_read_is_refused() -> None:
    with pytest.raises(ValueError, match="line 3: not read"):
        mutants(b"module m;\nendmodule\n" + b"assign = = ;\n" * 3, ".sv")


@pytest.mark.parametrize("group", GROUPS)
def test_every_file_has_mutants_and_tests(group: str) -> None:
    for _, file, tests in files_of([group]):
        assert tests and all((ROOT / one.path).is_file() for one in tests)
        assert mutants((ROOT / file).read_bytes(), Path(file).suffix), file


def test_all_library_modules_and_kernels_are_mutated() -> None:
    named = {file for _, file, _ in files_of(list(GROUPS))}
    there = [*ROOT.glob("board/shell/*.sv"), *ROOT.glob("hls_project/targets/hls/**/*.h")]
    there += [
        path for path in ROOT.glob("hls_project/targets/rtl/**/*.sv") if path.parent.name != "templates"
    ]
    assert {path.relative_to(ROOT).as_posix() for path in there} <= named


def test_no_equivalent_mutant_is_stale() -> None:
    known = entries()
    check(known)
    assert all(entry.reason for entry in known)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (Equivalent("x.py", "return a + b", "return a * b", "why"), "has no mutant 'return a [+] b'"),
        (
            Equivalent("x.py", "a[0] = 1", "a[0] = 2", "why"),
            "has 2 mutants 'a.0. = 1' .*say which: place = 1",
        ),
        (Equivalent("x.py", "a[0] = 1", "a[0] = 2", "why", 3), "any more"),
    ],
)
def test_an_entry_that_fits_no_mutant_or_several_is_an_error(entry: Equivalent, message: str) -> None:
    found = mutants(b"a[0] = 1\nb = c - d\na[0]  =  1\n", ".py")
    with pytest.raises(ValueError, match=message):
        reasons([entry], "x.py", found)
    second = Equivalent("x.py", "a[0] = 1", "a[0] = 2", "why", 2)
    assert [mutant.line for mutant in reasons([second], "x.py", found)] == [3]
    assert not reasons([second], "y.py", found)


def test_an_entry_of_a_file_that_is_gone_is_an_error() -> None:
    with pytest.raises(ValueError, match="there is no board/shell/gone.sv any more"):
        check([Equivalent("board/shell/gone.sv", "a", "b", "why")])


TOY = b"def f(n):\n    total = 0\n    while n > 0:\n        total += n\n        n -= 1\n    return total\n"
TOY_TEST = """
from toy import f
def test_sum(): assert f(3) == 6
def test_said(): assert f(0) == 0, "x.h:1:2: error: no such thing"
"""


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A tree of one module and its tests."""
    shutil.copytree(ROOT / "tests" / "mutation", tmp_path / "toy" / "tests" / "mutation")
    (tmp_path / "toy" / "tests" / "__init__.py").touch()
    (tmp_path / "toy" / "toy.py").write_bytes(TOY)
    (tmp_path / "toy" / "test_toy.py").write_text(TOY_TEST)
    os.mkfifo(tmp_path / "toy" / "kernel")  # no file, and not to be copied
    return tmp_path / "toy"


@pytest.mark.slow
def test_verdicts_of_mutants_in_a_copy(toy: Path) -> None:
    every = mutants(TOY, ".py")
    of = {(mutant.before, mutant.after): mutant for mutant in every}
    wanted = {
        of["total += n", "total -= n"]: ("test_sum", "killed"),
        of["while n > 0:", "while n >= 0:"]: ("test_sum", "survived"),
        of["total = 0", "total = 1"]: ("test_said", "stillborn"),
        of["n -= 1", "n -= 0"]: ("test_sum", "timeout"),
    }
    with scratch([], toy) as tree:
        for mutant, (chosen, verdict) in wanted.items():
            tests = Tests("test_toy.py", chosen)
            with tree.with_mutant("toy.py", mutant):
                assert tree.run(tests, 1).verdict == verdict, mutant.after
            assert tree.run(tests, 20).verdict == "survived"
        with pytest.raises(RuntimeError, match="no test is called 'nothing'"):
            tree.run(Tests("test_toy.py", "nothing"), 20)
        copy = tree.process
    assert (toy / "toy.py").read_bytes() == TOY
    assert copy.returncode is not None


def verdict(kind: str, tests: str = "old", key: str = "k") -> Verdict:
    return Verdict(key, "bounds", "x.py", 1, "a", "b", kind, 1.0, "", tests)


def test_verdicts_are_kept_and_survivors_tried_again_when_a_test_changes(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "kept.jsonl"
    first = Kept(path)
    first.add(verdict("killed"))
    first.add(verdict("survived", key="s"))
    with path.open("a") as file:
        file.write('{"key": "cut o')
    again = Kept(path)
    assert again.get("k", "old") == again.get("k", "new") == verdict("killed")
    assert again.get("s", "old") == verdict("survived", key="s") and again.get("s", "new") is None


def test_the_digest_is_of_the_folders_of_the_tests(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(verdicts, "ROOT", tmp_path)
    for name in ("tests/models.py", "tests/a/test_a.py", "tests/a/deep/x.sv", "tests/b/test_b.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    of = Tests("tests/a/test_a.py")
    seen = [verdicts.digest_of((of,))]
    for name in ("tests/models.py", "tests/a/deep/x.sv", "tests/b/test_b.py"):
        (tmp_path / name).write_text("y")
        seen.append(verdicts.digest_of((of,)))
    assert len(set(seen)) == 3 and seen[2] == seen[3]


def test_a_verdict_is_of_a_file_and_a_fault() -> None:
    one, other = mutants(PYTHON, ".py")[:2]
    changed = Mutant(PYTHON + b"\n", one.start, one.end, one.replacement)
    keys = [key_of("x.py", one), key_of("x.py", other), key_of("y.py", one), key_of("x.py", changed)]
    assert len(set(keys)) == 4 and keys[0] == key_of("x.py", mutants(PYTHON, ".py")[0])


def test_the_score_leaves_out_what_never_lived_or_does_the_same() -> None:
    kinds = ["killed"] * 17 + ["timeout"] * 2 + ["survived"] + ["stillborn"] * 5 + ["equivalent"] * 3
    told = summary(map(verdict, kinds), 100)
    assert told["score"] == 95.0 and told["tried"] == 28 and told["mutants"] == 100
    assert Counter(kinds).items() <= told.items()
    assert told["survivors"] == [{"file": "x.py", "line": 1, "before": "a", "after": "b"}]
    assert summary([verdict("stillborn")], 1)["score"] is None


def test_the_interval_is_wilson_s() -> None:
    assert [round(end, 4) for end in wilson(19, 20)] == [0.7639, 0.9911]
    assert [round(end, 4) for end in wilson(60, 60)] == [0.9398, 1.0]
    assert wilson(0, 0) == (0.0, 1.0)


def test_a_larger_sample_begins_with_the_smaller_one() -> None:
    candidates = command._candidates("folding", None)
    small, large = (command._sample(candidates, count, "1 folding") for count in (5, 9))
    assert large[:5] == small and len({key_of(file, mutant) for file, _, mutant in large}) == 9
    assert command._sample(candidates, 5, "2 folding") != small
    assert len(command._sample(candidates, 0, "1 folding")) == len(candidates)


@pytest.mark.parametrize(
    ("words", "message"),
    [(["nowhere"], "there is no group 'nowhere'; there are kernels"), (["-n", "-1"], "a number from 0 up")],
)
def test_what_is_asked_for_wrongly_is_refused(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        command.main(words)
    assert message in capsys.readouterr().err


def test_a_file_that_is_not_mutated_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(command, "KEPT", tmp_path / "kept")
    with pytest.raises(SystemExit, match="README.md is none of the files that are mutated"):
        command.main(["--file", "README.md"])
    assert equivalent.FILE.is_file()
