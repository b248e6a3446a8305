"""Random small networks: onnxruntime on the QONNX file equals the compiled C++, on every score."""

from __future__ import annotations

import tempfile
from pathlib import Path

import onnx
import pytest
from hypothesis import HealthCheck, given, settings

from hls_project.csim.csim_verdict import csim
from hls_project.targets.hls.options import HlsOptions
from hls_project.workspace.folder import open_workspace
from tests import models
from tests.hls_project.csim.conftest import FAST


def check(example: models.Example) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "random.onnx"
        onnx.save(example.build(), source)
        pictures = example.images(8)
        workspace = open_workspace(str(source), Path(folder) / "build")
        report, difference = csim(workspace, pictures, None, HlsOptions(), FAST)
        assert difference is None, f"{example}: {difference}"
        assert report.exact == len(pictures)


_QUICK = {"deadline": None, "database": None, "suppress_health_check": [HealthCheck.too_slow]}


@settings(max_examples=6, derandomize=True, **_QUICK)
@given(models.networks())
def test_csim_equals_onnxruntime(example: models.Example) -> None:
    check(example)


@pytest.mark.slow
@settings(max_examples=60, **_QUICK)
@given(models.networks(max_size=12, max_convs=3, max_kernel=7))
def test_csim_equals_onnxruntime_on_many(example: models.Example) -> None:
    check(example)
