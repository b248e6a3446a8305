"""What is mutated, and the quick tests that must notice: for each file, commands of pytest, the cheapest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]

_TARGET = "hls_project/targets/hls"
_KERNELS = f"{_TARGET}/kernels"
_RTL = "hls_project/targets/rtl"
_SHELL = "board/shell"
_GRAPH = "hls_project/graph"


@dataclass(frozen=True)
class Tests:
    """Tests of one file. `chosen`: what pytest's -k takes; without it all that the path has."""

    path: str
    chosen: str = ""

    def arguments(self) -> list[str]:
        """Return what pytest is given."""
        # Those marked slow are asked for by their name.
        return [self.path, "-m", "slow or not slow", *(["-k", self.chosen] if self.chosen else [])]


def _kernels(*families: str) -> tuple[Tests, ...]:
    file = "tests/hls_project/targets/hls/test_kernels.py"
    return tuple(
        Tests(file, f"{family} and {widths}") for widths in ("machine", "exact") for family in families
    )


def _proof(module: str, chosen: str = "") -> Tests:
    return Tests("tests/formal/test_proofs.py", f"test_it_is_proved and {module} {chosen}".strip())


def _stream(chosen: str) -> Tests:
    return Tests("tests/hls_project/targets/rtl/lib/test_streams.py", chosen)


def _shell(shape: str) -> Tests:
    return Tests("tests/board/test_shell.py", shape)


_WORD_32 = "test_benches and 32 and grey and not pixels"
_WORD_64 = "test_benches and 64 and RGB and pixels"
_UNFOLDED = Tests("tests/hls_project/targets/rtl/engines/test_layers.py", "unfolded")
_FOLDED = (
    Tests("tests/hls_project/targets/rtl/engines/test_layers.py", "quick"),
    Tests("tests/hls_project/targets/rtl/engines/test_layers.py", "folded and not unfolded"),
    Tests("tests/hls_project/targets/rtl/engines/test_layers.py", "yosys"),
    Tests("tests/hls_project/targets/rtl/lib/test_streams.py", "linter and dt_fold"),
)
_DATAFLOW = Tests(
    "tests/hls_project/c_simulation/test_dataflow.py",
    "reconvergence or shallow or chain or wrong_score or missing or thread",
)
_SCHEDULE = Tests("tests/hls_project/targets/hls/test_row_schedule.py")
_STREAM = Tests("tests/hls_project/c_simulation/test_stream.py")
_VERDICT = Tests("tests/hls_project/c_simulation/test_csim_verdict.py", "onnxruntimes or named or judges")

GROUPS: dict[str, dict[str, tuple[Tests, ...]]] = {
    "kernels": {
        f"{_KERNELS}/nnet_spiking_conv2d.h": _kernels("window"),
        f"{_KERNELS}/nnet_folded_conv2d.h": _kernels("folded"),
        f"{_KERNELS}/nnet_row_buffer.h": (_SCHEDULE, *_kernels("folded")),
        f"{_KERNELS}/nnet_spiking_dense.h": _kernels("dense"),
        f"{_KERNELS}/nnet_dual_threshold_fire.h": _kernels("fire", "dense"),
        f"{_KERNELS}/nnet_spike_pool.h": _kernels("pool", "window"),
        f"{_KERNELS}/nnet_scores_argmax.h": _kernels("argmax"),
        f"{_KERNELS}/nnet_synapses.h": _kernels("dense", "window", "folded"),
        f"{_KERNELS}/nnet_neurons.h": _kernels("dense", "folded"),
        f"{_KERNELS}/nnet_integers.h": _kernels("dense", "argmax", "folded"),
        f"{_KERNELS}/nnet_spike_vector.h": _kernels("pool", "window"),
        f"{_KERNELS}/nnet_rom.h": _kernels("dense", "folded"),
        f"{_KERNELS}/nnet_vm_trace.h": (_VERDICT,),
        f"{_TARGET}/testbench/golden_vectors.h": (_VERDICT,),
        f"{_TARGET}/dataflow/hls_stream.h": (_STREAM, _DATAFLOW),
        f"{_TARGET}/dataflow/monitor.h": (_DATAFLOW,),
    },
    "rtl": {
        f"{_RTL}/lib/dt_fifo.sv": (_proof("dt_fifo"), _stream("test_fifo")),
        f"{_RTL}/lib/dt_pool.sv": (_proof("dt_pool", "and 7"), _proof("dt_pool"), _stream("pool")),
        f"{_RTL}/lib/dt_pixels.sv": (_stream("pixels"),),
        f"{_RTL}/lib/dt_delay.sv": (_UNFOLDED, _stream("linter and dt_delay")),
        f"{_RTL}/lib/dt_adder_tree.sv": (_UNFOLDED, _stream("linter and dt_adder_tree")),
        f"{_RTL}/engines/streaming/dt_window.sv": (_stream("window"),),
        f"{_RTL}/engines/streaming/dt_fire.sv": (_stream("fire"),),
        f"{_RTL}/engines/dense/dt_dense.sv": (_stream("dense"), _UNFOLDED),
        f"{_RTL}/engines/dense/dt_result.sv": (_proof("dt_result"),),
        f"{_RTL}/engines/tables/dt_spike_tables.sv": (_UNFOLDED, _stream("linter and dt_spike_tables")),
        **{
            f"{_RTL}/engines/folded/dt_{module}.sv": _FOLDED
            for module in (
                *("gated_add", "fold_weights", "fold_skew", "fold_lane", "fold_array"),
                *("fold_rows", "fold_steps", "fold_fire", "fold_conv"),
            )
        },
    },
    "shell": {
        f"{_SHELL}/dtscnn_axi_registers.sv": (_proof("dtscnn_axi_registers"), _shell(_WORD_32)),
        f"{_SHELL}/dtscnn_fifo.sv": (_proof("dtscnn_fifo"), _shell(_WORD_32)),
        f"{_SHELL}/dtscnn_skid.sv": (_proof("dtscnn_skid"), _shell(_WORD_32)),
        f"{_SHELL}/dtscnn_frame_input.sv": (_proof("dtscnn_frame_input"), _shell(_WORD_32)),
        f"{_SHELL}/dtscnn_pixel_unpacker.sv": (_shell(_WORD_64), _shell(_WORD_32), _shell("9 channels")),
        f"{_SHELL}/dtscnn_result_packer.sv": (_shell(_WORD_64), _shell(_WORD_32)),
        f"{_SHELL}/dtscnn_shell.sv": (_shell(_WORD_32), _shell(_WORD_64), _shell("warning or refused")),
    },
    "folding": {
        "quant_train/batch_norm_folding.py": (Tests("tests/quant_train/test_batch_norm_folding.py"),),
    },
    "bounds": {
        f"{_GRAPH}/bounds.py": (Tests("tests/hls_project/graph/test_bounds.py"),),
        f"{_GRAPH}/exact.py": (Tests("tests/hls_project/graph/test_exact.py"),),
    },
}
"""Of each group, each file with its tests. Templates with placeholders are no files of their language and are left out."""

MODULES: dict[str, tuple[str, ...]] = {
    "kernels": ("hls4ml", "onnx", "numpy"),
    "rtl": ("hls4ml", "onnx", "onnxruntime", "scipy"),
    "shell": ("cocotb_tools.runner", "numpy"),
    "folding": ("torch", "torchvision", "brevitas.nn", "lightning"),
    "bounds": ("numpy", "onnx", "scipy"),
}
"""What each group's tests import first, which is most of a short test's time."""


def files_of(groups: list[str]) -> Iterator[tuple[str, str, tuple[Tests, ...]]]:
    """Yield group, file and tests of each file in `groups`."""
    for group in groups:
        for file, tests in GROUPS[group].items():
            yield group, file, tests
