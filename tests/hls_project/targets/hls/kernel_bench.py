"""Run many kernel instances against numpy in one C++ program, so that the headers are parsed once."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import hls4ml
import numpy as np
from numpy.typing import NDArray

from dt_scnn.compiler import STANDARD
from hls_project.targets.hls.roms import braced
from hls_project.targets.hls.templates import KERNELS

IntArray = NDArray[np.int64]
_HLS4ML = Path(hls4ml.__file__).parent / "templates" / "vivado"

_MAIN = """
#include "ap_int.h"
#include "ap_shift_reg.h"
#include "hls_stream.h"
#include "nnet_dual_threshold_fire.h"
#include "nnet_folded_conv2d.h"
#include "nnet_scores_argmax.h"
#include "nnet_spike_pool.h"
#include "nnet_spiking_conv2d.h"
#include "nnet_spiking_dense.h"
#include <cstdio>
#include <fstream>
#include <vector>

static std::vector<int> numbers(const char *path) {{
    std::ifstream file(path);
    std::vector<int> values;
    int value;
    while (file >> value)
        values.push_back(value);
    return values;
}}

// Feed every value of the input file, call, and print every beat that comes out.
template <class in_T, class out_T, class call_T> static void run(const char *name, call_T call) {{
    const std::vector<int> values = numbers((std::string(name) + ".txt").c_str());
    hls::stream<in_T> in("in");
    hls::stream<out_T> out("out");
    for (size_t i = 0; i < values.size(); i += in_T::size) {{
        in_T beat;
        for (unsigned c = 0; c < in_T::size; c++)
            beat[c] = values[i + c];
        in.write(beat);
    }}
    while (!in.empty())
        call(in, out);
    std::printf("%s", name);
    while (!out.empty()) {{
        out_T beat = out.read();
        for (unsigned c = 0; c < out_T::size; c++)
            std::printf(" %d", static_cast<int>(beat[c]));
    }}
    std::printf("\\n");
}}

{cases}

int main() {{
{calls}
    return 0;
}}
"""


@dataclass(frozen=True)
class Case:
    """One kernel instance. Types are C++; arrays are passed after the streams; frames (N, beats, channels) go in."""

    name: str
    kernel: str
    input_type: str
    output_type: str
    constants: dict[str, int]
    types: dict[str, str]
    arrays: dict[str, tuple[str, IntArray]]
    frames: IntArray

    def definition(self) -> str:
        """Return the C++ of configuration and arrays."""
        lines = [f"struct {self.name}_config : nnet::{self.kernel}_config {{"]
        lines += [f"    static const unsigned {name} = {value};" for name, value in self.constants.items()]
        lines += [f"    typedef {cpp} {name};" for name, cpp in self.types.items()]
        lines.append("};")
        for name, (cpp, values) in self.arrays.items():
            sizes = "".join(f"[{size}]" for size in values.shape)
            lines.append(
                f"static const nnet::stored<{cpp}>::type {self.name}_{name}{sizes} = {braced(values)};"
            )
        return "\n".join(lines)

    def call(self) -> str:
        """Return the C++ that runs it."""
        streams = f"hls::stream<{self.input_type}> &in, hls::stream<{self.output_type}> &out"
        arguments = ", ".join(["in", "out", *(f"{self.name}_{name}" for name in self.arrays)])
        kernel = (
            f"nnet::{self.kernel}<{self.input_type}, {self.output_type}, {self.name}_config>({arguments})"
        )
        return (
            f'    run<{self.input_type}, {self.output_type}>("{self.name}", []({streams}) {{ {kernel}; }});'
        )


def run(cases: list[Case], folder: Path, flags: tuple[str, ...] = ("-O0",)) -> dict[str, IntArray]:
    """Compile and run all cases; return the values that each put out, in order."""
    text = _MAIN.format(
        cases="\n".join(case.definition() for case in cases), calls="\n".join(case.call() for case in cases)
    )
    program = compiled(text, folder, flags)
    for case in cases:
        np.savetxt(folder / f"{case.name}.txt", case.frames.reshape(-1), fmt="%d")
    done = subprocess.run([str(program)], cwd=folder, check=True, capture_output=True, text=True, timeout=60)
    assert "WARNING" not in done.stdout, done.stdout
    results = {}
    for line in done.stdout.splitlines():
        name, *values = line.split()
        results[name] = np.array(values, np.int64)
    return results


def compiled(text: str, folder: Path, flags: tuple[str, ...] = ()) -> Path:
    """Compile C++ that includes kernels; return the program."""
    source, program = folder / "kernels.cpp", folder / "kernels"
    source.write_text(text)
    includes = [
        "-isystem",
        str(_HLS4ML / "ap_types"),
        f"-I{KERNELS}",
        "-isystem",
        str(_HLS4ML / "nnet_utils"),
    ]
    # An array of no elements is none to HLS.
    call = ["g++", STANDARD, "-pedantic-errors", *flags, *includes, str(source), "-o", str(program)]
    subprocess.run(call, check=True)
    return program
