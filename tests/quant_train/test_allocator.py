from __future__ import annotations

import platform
import subprocess
import sys

import pytest

FAULTS = """
import resource, sys
import torch
from quant_train.allocator import keep_freed_memory
if sys.argv[1] == "keep":
    keep_freed_memory()
def step():
    torch.ones(8 << 20)
for _ in range(20):  # aligned requests leave gaps at first
    step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(argument: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", FAULTS, argument], check=True, capture_output=True, text=True, timeout=60
    )
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the setting is glibc's")
@pytest.mark.slow
def test_a_map_that_was_freed_is_not_taken_from_the_kernel_again() -> None:
    kept, returned = faults("keep"), faults("return")
    assert returned >= 10  # at least one for each map, even of huge pages
    assert kept < returned / 5
