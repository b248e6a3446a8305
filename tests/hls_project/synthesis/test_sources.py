"""Which files a module needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from dt_scnn.errors import ConfigurationError
from hls_project.synthesis.sources import read


def test_layers_in_the_order_of_the_top(rtl: Path) -> None:
    assert read(rtl).layers() == ("dtscnn_conv0", "dtscnn_dense0", "dtscnn_result")


def test_needed_files_are_those_of_all_modules_below_in_compile_order(rtl: Path) -> None:
    sources = read(rtl)
    assert sources.needed("dtscnn_conv0") == ("dtscnn_conv0_kernel.sv", "dtscnn_conv0.sv")
    assert sources.needed("dtscnn_dense0") == ("dtscnn_dense0.sv",)
    assert sources.needed("dtscnn_core") == sources.files
    layers = frozenset(sources.layers())
    assert sources.needed("dtscnn_core", without=layers) == ("dt_fifo.sv", "dtscnn_core.sv")


def test_a_comment_is_no_use(rtl: Path) -> None:
    dense = rtl / "dtscnn_dense0.sv"
    dense.write_text("// like dtscnn_conv0\n/* and\ndt_fifo */\n" + dense.read_text())
    assert read(rtl).needed("dtscnn_dense0") == ("dtscnn_dense0.sv",)


def test_packages_are_followed(rtl: Path) -> None:
    (rtl / "dt_types.sv").write_text("package dt_types;\n  typedef logic [3:0] spikes_t;\nendpackage\n")
    (rtl / "files.f").write_text("dt_types.sv\n" + (rtl / "files.f").read_text())
    conv = rtl / "dtscnn_conv0.sv"
    conv.write_text(conv.read_text().replace("logic [3:0] out_data", "dt_types::spikes_t out_data"))
    assert read(rtl).needed("dtscnn_conv0") == ("dt_types.sv", "dtscnn_conv0_kernel.sv", "dtscnn_conv0.sv")


def test_kernels(rtl: Path) -> None:
    sources = read(rtl)
    assert sources.kernels(sources.needed("dtscnn_conv0")) == ("dtscnn_conv0_kernel",)
    assert sources.kernels(sources.needed("dtscnn_dense0")) == ()


def key(rtl: Path, module: str) -> str:
    sources = read(rtl)
    return sources.key(sources.needed(module))


def test_key_follows_the_memory_file_of_the_layer_alone(rtl: Path) -> None:
    dense, conv = key(rtl, "dtscnn_dense0"), key(rtl, "dtscnn_conv0")
    memory = rtl / "dtscnn_dense0.mem"
    memory.write_text(memory.read_text().replace("a", "b", 1))
    assert key(rtl, "dtscnn_dense0") != dense
    assert key(rtl, "dtscnn_conv0") == conv


def test_key_follows_every_memory_file_where_the_name_is_put_together(rtl: Path) -> None:
    file = rtl / "dtscnn_dense0.sv"
    file.write_text(file.read_text().replace('"dtscnn_dense0.mem"', '{"dtscnn_dense0", ".mem"}'))
    before = key(rtl, "dtscnn_dense0")
    (rtl / "dtscnn_dense0.mem").write_text("0\n" * 512)
    assert key(rtl, "dtscnn_dense0") != before


@pytest.mark.parametrize("file", ["dtscnn_conv0.sv", "dtscnn_conv0_kernel.sv"])
def test_key_follows_the_files_below(rtl: Path, file: str) -> None:
    before = key(rtl, "dtscnn_conv0"), key(rtl, "dtscnn_dense0")
    (rtl / file).write_text((rtl / file).read_text() + "\n")
    assert key(rtl, "dtscnn_conv0") != before[0]
    assert key(rtl, "dtscnn_dense0") == before[1]


def test_folder_without_a_file_list(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no generated rtl folder: files\.f cannot be read"):
        read(tmp_path)


def test_listed_file_that_is_missing(rtl: Path) -> None:
    (rtl / "dt_fifo.sv").unlink()
    with pytest.raises(ConfigurationError, match=r"lists dt_fifo\.sv, which cannot be read"):
        read(rtl)


def test_module_that_is_defined_twice(rtl: Path) -> None:
    (rtl / "dt_fifo.sv").write_text("module dtscnn_conv0 (); endmodule\n")
    with pytest.raises(ConfigurationError, match="both define the module dtscnn_conv0"):
        read(rtl)


def test_unknown_module(rtl: Path) -> None:
    with pytest.raises(ConfigurationError, match="defines the module dtscnn_conv7"):
        read(rtl).needed("dtscnn_conv7")
