"""The stream of the dataflow simulation by itself: order, growth and bounds, beat by beat."""

from __future__ import annotations

import subprocess
from pathlib import Path

from dt_scnn.compiler import STANDARD
from hls_project.targets import hls

_MAIN = """
#include "hls_stream.h"
#include <cstdio>

int main() {
    hls::stream<unsigned> local; // without a bound: every second beat is read, the rest stays and it grows
    unsigned written = 0, read = 0;
    for (unsigned i = 0; i < 3000; i++) {
        local.write(written++);
        if (i % 2 && local.read() != read++)
            return 1;
    }
    if (local.size() != 1500 || local.full())
        return 2;
    while (!local.empty())
        if (local.read() != read++)
            return 3;
    unsigned beat;
    if (read != written || local.read_nb(beat))
        return 4;

    hls::stream<unsigned> bounded("bounded");
    bounded.bound(3);
    for (unsigned round = 0; round < 5; round++) {
        for (unsigned i = 0; i < 3; i++)
            if (!bounded.write_nb(10 * round + i))
                return 5;
        if (!bounded.full() || bounded.write_nb(99))
            return 6;
        for (unsigned i = 0; i < 3; i++)
            if (!bounded.read_nb(beat) || beat != 10 * round + i)
                return 7;
    }
    std::puts("right");
    return 0;
}
"""


def test_beats_come_out_in_order_and_the_bound_holds(tmp_path: Path) -> None:
    (tmp_path / "main.cpp").write_text(_MAIN)
    dataflow = Path(hls.__file__).parent / "dataflow"
    flags = [STANDARD, "-O0", "-pthread", f"-I{dataflow}"]
    program = tmp_path / "main"
    subprocess.run(["g++", *flags, str(tmp_path / "main.cpp"), "-o", str(program)], check=True)
    done = subprocess.run([str(program)], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "right\n"), done.stderr[:2000]
