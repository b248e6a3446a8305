"""Real pynq on the simulated hardware: every score exact, every fault its own error, and right again afterwards."""

from __future__ import annotations

import asyncio
import shutil
import threading
import time
from pathlib import Path

import numpy as np
import pynq
import pytest
from pynq.interrupt import _InterruptController
from pynq.pl_server.device import Device

from board.errors import BoardError, BuildMismatchError, FrameError, StalledError, TransferError
from board.manifest import Manifest
from board.overlay import DTSCNNOverlay
from board.simulated import LIBRARY, Fault, SimulatedBoard
from board.simulated.dma import SLICE


def test_every_golden_image_is_exact_one_by_one_and_in_batches(mnist: DTSCNNOverlay) -> None:
    golden = mnist.classifier.manifest.golden_vectors()
    assert mnist.verify() == len(golden.images) == 200
    for image, scores in zip(golden.images, golden.scores, strict=True):
        found = mnist.classify(image)
        assert (found.scores == scores).all() and found.label == scores.argmax()
        assert found.scores.dtype == np.int32 and found.class_name == str(found.label)
    right = int((golden.scores.argmax(axis=1) == golden.labels).sum())
    assert mnist.evaluate(golden.images, golden.labels) == (right, 200)


@pytest.mark.parametrize("pattern", [LIBRARY, "*.mem"])
def test_damaged_hardware_is_refused_before_it_is_loaded(
    mnist_bit: Path, tmp_path: Path, pattern: str
) -> None:
    folder = shutil.copytree(mnist_bit.parent, tmp_path / "overlay", ignore=shutil.ignore_patterns("build"))
    for file in folder.glob(pattern):
        file.write_bytes(file.read_bytes()[:-1])
    assert list(folder.glob(pattern))
    with pytest.raises(BuildMismatchError, match="is not the file that .* manifest was made for"):
        DTSCNNOverlay(folder / mnist_bit.name, device="sim")


def test_the_hardware_s_counters_tell_what_went_through(mnist: DTSCNNOverlay) -> None:
    images = mnist.classifier.manifest.golden_vectors().images
    before = mnist.info["frames_in"]
    mnist.predict(images[:7])
    assert mnist.info["frames_in"] - before == mnist.info["frames_out"] - before == 7
    assert mnist.info["bad_frames"] == 0 and mnist.info["latency"] > 196


def test_pynq_s_own_dma_and_buffers_work_beside_the_driver(mnist: DTSCNNOverlay) -> None:
    golden = mnist.classifier.manifest.golden_vectors()
    frames = pynq.allocate((3, 784), np.uint8, target=mnist.device)
    results = pynq.allocate((3, 11), np.int32, target=mnist.device)
    frames[:] = golden.images[:3].reshape(3, -1)
    mnist.axi_dma_0.recvchannel.transfer(results)
    mnist.axi_dma_0.sendchannel.transfer(frames)
    mnist.axi_dma_0.sendchannel.wait()
    mnist.axi_dma_0.recvchannel.wait()
    assert (results[:, :-1] == golden.scores[:3]).all()
    assert mnist.axi_dma_0.recvchannel.transferred == results.nbytes
    assert (mnist.predict(golden.images[:3]).scores == golden.scores[:3]).all()


def test_pynq_s_own_interrupts_end_a_wait(mnist: DTSCNNOverlay) -> None:
    golden = mnist.classifier.manifest.golden_vectors()
    # So many that a look at the status, in which a slice of time goes by, does not find them done already.
    count = 100
    assert count * 784 > 3 * SLICE
    frames = pynq.allocate((count, 784), np.uint8, target=mnist.device)
    results = pynq.allocate((count, 11), np.int32, target=mnist.device)
    dma = mnist.axi_dma_0
    assert dma.mm2s_introut is not None and dma.s2mm_introut is not None

    async def transfer(first: int) -> None:
        frames[:] = golden.images[first : first + count].reshape(count, -1)
        dma.recvchannel.transfer(results)
        dma.sendchannel.transfer(frames)
        await asyncio.wait_for(asyncio.gather(dma.sendchannel.wait_async(), dma.recvchannel.wait_async()), 10)

    async def all_transfers() -> None:
        for first in (0, 100):
            await transfer(first)
            assert (results[:, :-1] == golden.scores[first : first + count]).all()

    asyncio.run(all_transfers())
    assert (mnist.predict(golden.images[:3]).scores == golden.scores[:3]).all()


def test_a_stalled_transfer_gives_no_interrupt(mnist: DTSCNNOverlay) -> None:
    golden = mnist.classifier.manifest.golden_vectors()
    frames = pynq.allocate((1, 784), np.uint8, target=mnist.device)
    results = pynq.allocate((1, 11), np.int32, target=mnist.device)
    frames[:] = golden.images[:1].reshape(1, -1)
    mnist.device.inject(Fault.STALLED)

    async def transfer() -> None:
        mnist.axi_dma_0.recvchannel.transfer(results)
        mnist.axi_dma_0.sendchannel.transfer(frames)
        await asyncio.wait_for(mnist.axi_dma_0.recvchannel.wait_async(), 0.3)

    with pytest.raises(asyncio.TimeoutError):
        asyncio.run(transfer())
    mnist.classifier._transfers.reset()
    assert (mnist.predict(golden.images[:3]).scores == golden.scores[:3]).all()


def test_a_board_is_pynq_s_active_device_until_it_is_closed(mnist_bit: Path) -> None:
    before = getattr(Device, "_active_device", None)
    board = SimulatedBoard.open(Manifest.load(mnist_bit.with_suffix(".json")))
    assert Device.active_device is board
    board.close()
    assert getattr(Device, "_active_device", None) is before
    assert board not in _InterruptController._uio_devices.values()


def test_a_plain_overlay_finds_the_driver(mnist_bit: Path) -> None:
    board = SimulatedBoard.open(Manifest.load(mnist_bit.with_suffix(".json")))
    overlay = pynq.Overlay(str(mnist_bit), device=board)
    golden = overlay.dtscnn_0.classifier.manifest.golden_vectors()
    assert (overlay.dtscnn_0.classifier.classify(golden.images[0]).scores == golden.scores[0]).all()
    overlay.dtscnn_0.classifier.close()
    board.close()


def test_the_environment_chooses_the_simulated_board(
    mnist_bit: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BoardError, match="of the simulated board"):
        DTSCNNOverlay(mnist_bit)
    monkeypatch.setenv("DTSCNN_BOARD", "sim")
    with DTSCNNOverlay(mnist_bit) as overlay:
        assert overlay.info["kind"] == "simulated"


FAULTS = {
    Fault.STALLED: (StalledError, r"no whole frame reached the core.*whole frames sent: 0 of 784 bytes"),
    Fault.NO_TLAST: (
        StalledError,
        r"TLAST is missing; DMA status: send 0x\w+, receive 0x\w+.*44 of 44 bytes",
    ),
    Fault.SHORT: (TransferError, r"received 8 of 44 bytes: the packet ended too early"),
    Fault.RESET: (FrameError, r"flagged image 0 as a bad frame"),
    Fault.SLAVE_ERROR: (TransferError, r"slave error: the memory refused.*send 0x0000\w021"),
    Fault.DECODE_ERROR: (TransferError, r"decode error: no memory.*receive 0x0000\w041"),
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_each_fault_is_its_own_error_and_the_next_call_is_right(mnist: DTSCNNOverlay, fault: Fault) -> None:
    golden = mnist.classifier.manifest.golden_vectors()
    kind, message = FAULTS[fault]
    mnist.classifier.timeout = 0.5
    mnist.device.inject(fault)
    with pytest.raises(kind, match=message):
        mnist.classify(golden.images[0])
    for image in (1, 2):
        assert (mnist.classify(golden.images[image]).scores == golden.scores[image]).all()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_in_a_batch_loses_that_call_alone(mnist: DTSCNNOverlay, fault: Fault) -> None:
    golden = mnist.classifier.manifest.golden_vectors()
    mnist.classifier.timeout = 0.5
    mnist.device.inject(fault)
    with pytest.raises(BoardError):
        mnist.predict(golden.images[:20])
    assert (mnist.predict(golden.images[:20]).scores == golden.scores[:20]).all()


def test_an_interruption_leaves_no_transfer_under_way(mnist: DTSCNNOverlay) -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    golden = mnist.classifier.manifest.golden_vectors()
    with pytest.raises(KeyboardInterrupt):
        mnist.predict(np.concatenate([golden.images] * 3), stop)
    frames_out = mnist.info["frames_out"]
    time.sleep(0.05)
    assert mnist.info["frames_out"] == frames_out
    assert (mnist.classify(golden.images[7]).scores == golden.scores[7]).all()
    assert (mnist.predict(golden.images[:9]).scores == golden.scores[:9]).all()


def test_another_bitstream_is_refused(mnist_bit: Path) -> None:
    board = SimulatedBoard.open(Manifest.load(mnist_bit.with_suffix(".json")))
    board.inject(Fault.WRONG_BUILD_ID)
    with pytest.raises(BuildMismatchError, match="has build ID .* the manifest mnist.json is of"):
        DTSCNNOverlay(mnist_bit, device=board)
    board.inject(None)
    DTSCNNOverlay(mnist_bit, device=board).close()
    assert board.default_memory.allocated_bytes == 0
    board.close()


def hammer(overlay: DTSCNNOverlay, calls: int, sizes: tuple[int, ...]) -> list[str]:
    """Make calls from two threads; return what went wrong."""
    golden, wrong = overlay.classifier.manifest.golden_vectors(), list[str]()

    def work(seed: int) -> None:
        random = np.random.default_rng(seed)
        for call in range(calls // 2):
            count = sizes[call % len(sizes)]
            chosen = random.integers(0, 200, count)
            if count == 1:
                scores = overlay.classify(golden.images[chosen[0]]).scores[None]
            else:
                scores = overlay.predict(golden.images[chosen]).scores
            if not (scores == golden.scores[chosen]).all():
                wrong.append(f"thread {seed}, call {call}, {count} images")

    threads = [threading.Thread(target=work, args=(seed,)) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


def test_two_threads_get_their_own_scores(mnist: DTSCNNOverlay) -> None:
    assert hammer(mnist, 40, (1, 3, 1, 70)) == []


@pytest.mark.slow
def test_ten_thousand_calls_leak_nothing(mnist: DTSCNNOverlay) -> None:
    memory = mnist.device.default_memory
    assert hammer(mnist, 2 * 4, (3000, 1, 257, 256)) == []
    level = memory.allocated_bytes
    assert hammer(mnist, 10_000, (1,) * 9 + (5,)) == []
    assert hammer(mnist, 2 * 4, (3000, 1, 257, 256)) == []
    assert memory.allocated_bytes == level


def test_a_core_that_is_slow_to_simulate_is_not_called_stalled(mnist: DTSCNNOverlay) -> None:
    golden = mnist.classifier.manifest.golden_vectors()
    mnist.classifier.timeout = 1e-3  # less than a look at the status takes
    assert (mnist.predict(golden.images[:20]).scores == golden.scores[:20]).all()
    mnist.device.inject(Fault.STALLED)
    with pytest.raises(StalledError):
        mnist.classify(golden.images[0])
