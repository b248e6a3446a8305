"""The driver on a board that answers at once: any N, copies, buffers given back, clear refusals."""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from board.buffers import pair
from board.errors import BoardError, BuildMismatchError
from board.manifest import Manifest
from board.overlay import DTSCNNOverlay
from board.registers import REGISTERS
from tests.board.instant import MappedBoard, instant_board, overlay, scores

RANDOM = np.random.default_rng(7)


def images(count: int, shape: tuple[int, int, int] = (28, 28, 1)) -> np.ndarray:
    return RANDOM.integers(0, 256, (count, *shape), np.uint8)


@pytest.mark.parametrize("count", [0, 1, 2, 255, 256, 257, 511, 512, 513, 3000])
def test_any_number_of_images(instant: DTSCNNOverlay, count: int) -> None:
    pictures = images(count)
    found = instant.predict(pictures)
    assert found.scores.shape == (count, 10) and found.scores.dtype == np.int32
    assert (found.scores == scores(pictures, 10)).all()
    assert (found.labels == found.scores.argmax(axis=1)).all() and found.labels.dtype == np.int64


@pytest.mark.parametrize("shape", [(5, 5, 1), (3, 7, 3), (1, 1, 1), (32, 32, 3)])
def test_frames_that_are_no_whole_words_are_padded(tmp_path: Path, shape: tuple[int, int, int]) -> None:
    bitstream = overlay(tmp_path, shape)
    with DTSCNNOverlay(bitstream, device=instant_board(bitstream)) as loaded:
        pictures = images(300, shape)
        assert (loaded.predict(pictures).scores == scores(pictures, 10)).all()
        assert (loaded.classify(pictures[5]).scores == scores(pictures[5:6], 10)[0]).all()


def test_results_are_copies(instant: DTSCNNOverlay) -> None:
    first, second = images(2)
    one, batch = instant.classify(first), instant.predict(first[None])
    kept = one.scores.copy(), batch.scores.copy()
    instant.classify(second), instant.predict(second[None])
    assert (one.scores == kept[0]).all() and (batch.scores == kept[1]).all()


def test_progress_goes_to_the_end(instant: DTSCNNOverlay) -> None:
    seen: list[tuple[int, int]] = []
    instant.predict(images(600), lambda done, total: seen.append((done, total)))
    assert seen == [(256, 600), (512, 600), (600, 600)]


@pytest.mark.slow
def test_ten_thousand_calls_leak_nothing(instant: DTSCNNOverlay) -> None:
    pictures = images(3000)
    expected = scores(pictures, 10)
    wrong: list[int] = []

    def work(seed: int) -> None:
        random = np.random.default_rng(seed)
        for call in range(5000):
            count = 3000 if call % 500 == 0 else int(random.integers(1, 40))
            begin = int(random.integers(0, len(pictures) - count + 1))
            if not (
                instant.predict(pictures[begin : begin + count]).scores == expected[begin : begin + count]
            ).all():
                wrong.append(call)

    instant.predict(pictures)
    gc.collect()
    level, resident = (
        instant.device.default_memory.allocated_bytes,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    )
    threads = [threading.Thread(target=work, args=(seed,)) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert instant.device.default_memory.allocated_bytes == level
    # Kibibytes: one pair of buffers a call would be gigabytes.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - resident < 100 << 10


def test_a_worker_thread_loads_the_overlay(instant_bit: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PYNQ asks the thread for an event loop, as the DMA's interrupts are connected; it has none."""
    board = instant_board(instant_bit)
    board._interrupt.detach()  # so that PYNQ opens the device of Linux itself
    device = instant_bit.with_name("uio0")
    os.mkfifo(device)
    monkeypatch.setattr("pynq.interrupt.get_uio_irq", lambda line: str(device))
    answers: list[object] = []

    def work() -> None:
        try:
            with DTSCNNOverlay(instant_bit, device=board) as loaded:
                answers.append(loaded.verify())
        except BaseException as error:
            answers.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(60)
    assert answers == [20]


def test_python_s_share_of_one_image_is_few_calls(tmp_path: Path) -> None:
    """Each costs 0.1 us on a desktop, and 2 us on a board: before, one image took 92."""
    bitstream = overlay(tmp_path)
    board = MappedBoard(Manifest.load(bitstream.with_suffix(".json")))
    with DTSCNNOverlay(bitstream, device=board) as loaded:
        image = images(1)[0]
        loaded.classify(image)
        calls: list[str] = []

        def note(frame: Any, event: str, argument: Any) -> None:
            if event in ("call", "c_call"):
                calls.append(frame.f_code.co_name)

        sys.setprofile(note)
        try:
            loaded.classify(image)
        finally:
            sys.setprofile(None)
        assert len(calls) < 65, calls


@pytest.mark.parametrize(("bits", "high"), [("32", False), ("40", True), (None, True)])
def test_a_dma_of_more_than_32_bits_gets_the_whole_address(
    instant_bit: Path, bits: str | None, high: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = instant_board(instant_bit)
    found = board.get_bitfile_metadata("")
    parameters = found.ip_dict["axi_dma_0"]["parameters"]
    parameters.pop("c_addr_width")
    if bits is not None:
        parameters["c_addr_width"] = bits
    monkeypatch.setattr(board, "get_bitfile_metadata", lambda *unused, **options: found)
    with DTSCNNOverlay(instant_bit, device=board) as loaded:
        written: list[int] = []
        write = board._dma.write
        monkeypatch.setattr(
            board._dma, "write", lambda offset, value: (written.append(offset), write(offset, value))
        )
        loaded.classify(images(1)[0])
        assert ({0x1C, 0x4C} <= set(written)) == high and {0x18, 0x48, 0x28, 0x58} <= set(written)


@pytest.mark.parametrize("knows", [True, False])
def test_results_are_in_cached_memory_where_there_is_any(instant: DTSCNNOverlay, knows: bool) -> None:
    asked: list[dict[str, Any]] = []
    flushed: list[int] = []
    allocate = instant.classifier._allocate

    def spy(shape: Any, dtype: Any, **options: Any) -> Any:
        if options and not knows:
            raise TypeError("unexpected keyword argument 'cacheable'")
        asked.append(options)
        buffer = allocate(shape, dtype)
        flushed_before, flush = len(asked), buffer.flush
        buffer.flush = lambda: (flushed.append(flushed_before), flush())
        return buffer

    for buffer in pair(spy, instant.classifier.manifest, 3):
        buffer.freebuffer()
    assert asked == [{}, {"cacheable": True} if knows else {}]
    assert flushed == [2]  # what the processor has zeroed is written back before the DMA writes


def test_close_gives_every_buffer_back_and_refuses_more(instant_bit: Path) -> None:
    board = instant_board(instant_bit)
    loaded = DTSCNNOverlay(instant_bit, device=board)
    loaded.predict(images(600))
    assert board.default_memory.allocated_bytes > 0
    loaded.close()
    loaded.close()
    assert board.default_memory.allocated_bytes == 0
    for call in (
        lambda: loaded.classify(images(1)[0]),
        lambda: loaded.predict(images(1)),
        lambda: loaded.info,
    ):
        with pytest.raises(BoardError, match="was closed"):
            call()


def test_images_as_users_have_them(instant: DTSCNNOverlay, tmp_path: Path) -> None:
    pixels = images(1)[0]
    expected = scores(pixels[None], 10)[0]
    picture = Image.fromarray(pixels[:, :, 0])
    picture.save(tmp_path / "digit.png")
    for image in (
        pixels,
        pixels[:, :, 0],
        picture,
        picture.convert("RGB"),
        tmp_path / "digit.png",
        str(tmp_path / "digit.png"),
    ):
        assert (instant.classify(image).scores == expected).all()
    large = picture.resize((56, 56))
    with pytest.raises(BoardError, match=r"\(28, 28, 1\), not \(56, 56, 1\); resize=True cuts and scales it"):
        instant.classify(large)
    assert instant.classify(large, resize=True).scores.shape == (10,)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((28, 28)), "pixels are uint8, 0 to 255, not float64"),
        (np.zeros((28, 28, 3), np.uint8), r"not \(28, 28, 3\)$"),
        (np.zeros((2, 28, 28, 1), np.uint8), r"not \(2, 28, 28, 1\)"),
        ([[1, 2]], "a path, a PIL image or a uint8 array, not list"),
        ("nowhere.png", "nowhere.png is no picture that can be read"),
    ],
)
def test_an_image_that_does_not_fit_is_refused(instant: DTSCNNOverlay, image: object, message: str) -> None:
    with pytest.raises(BoardError, match=message):
        instant.classify(image)


def test_batches_that_do_not_fit_are_refused(instant: DTSCNNOverlay) -> None:
    with pytest.raises(BoardError, match="pixels are uint8"):
        instant.predict(np.zeros((2, 28, 28, 1)))
    with pytest.raises(BoardError, match=r"\(N, 28, 28, 1\), not \(2, 27, 28, 1\)"):
        instant.predict(images(2, (27, 28, 1)))
    with pytest.raises(BoardError, match="one label an image"):
        instant.evaluate(images(2), [1])
    with pytest.raises(BoardError, match="positive number of seconds"):
        instant.classifier.timeout = 0


def test_a_device_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BoardError, match="device is \"sim\" or a device of pynq, not 'simulated'"):
        DTSCNNOverlay(overlay(tmp_path, (5, 5, 1)), device="simulated")


def test_a_list_of_images_is_what_each_is_alone(instant: DTSCNNOverlay, tmp_path: Path) -> None:
    pixels = images(1)[0]
    palette = Image.fromarray(pixels[:, :, 0]).convert("RGB").quantize(16)
    palette.save(tmp_path / "digit.png")
    given = [palette, str(tmp_path / "digit.png"), pixels, pixels[:, :, 0]]
    assert (np.asarray(palette) != np.asarray(palette.convert("L"))).any()
    alone = [instant.classify(image).scores for image in given]
    assert (instant.predict(given).scores == np.stack(alone)).all()
    assert instant.predict([]).scores.shape == (0, 10)
    with pytest.raises(BoardError, match=r"\(28, 28, 1\), not \(27, 28, 1\)"):
        instant.predict([pixels, pixels[1:]])


def test_labels_are_numbers_or_names(instant: DTSCNNOverlay) -> None:
    sent = images(3)
    right = instant.predict(sent).labels
    names = [instant.classifier.manifest.classes[label] for label in right]
    assert names != right.tolist()
    for labels in (right, right.tolist(), right.astype(float), np.uint8(right), names, np.array(names)):
        assert instant.evaluate(sent, labels) == (3, 3)
    assert instant.evaluate(sent, (right + 1) % 10) == (0, 3)


@pytest.mark.parametrize("label", [10, -1, 0.5, "ten", "10"])
def test_labels_that_are_no_class_are_refused(instant: DTSCNNOverlay, label: object) -> None:
    with pytest.raises(BoardError, match=f"label 1 is {label!r}; labels are numbers from 0 to 9 or names of"):
        instant.evaluate(
            images(2),
            np.array([instant.classifier.manifest.classes[0] if isinstance(label, str) else 0, label]),
        )


def test_another_bitstream_behind_an_open_overlay_is_noticed_before_anything_is_sent(
    instant: DTSCNNOverlay,
) -> None:
    registers, sent = instant.device._hardware.registers, images(3)
    assert len(instant.predict(sent).labels) == 3
    for name in ("BUILD_ID_LOW", "BUILD_ID_HIGH"):
        was, frames = registers[REGISTERS[name]], registers[REGISTERS["FRAMES_IN"]]
        registers[REGISTERS[name]] ^= 1
        for call in (lambda: instant.classify(sent[0]), lambda: instant.predict(sent)):
            with pytest.raises(
                BuildMismatchError, match="another bitstream was loaded since .* open the overlay again"
            ):
                call()
        assert registers[REGISTERS["FRAMES_IN"]] == frames
        registers[REGISTERS[name]] = was
    assert (instant.predict(sent).scores == scores(sent, 10)).all()


def test_another_bitstream_that_is_loaded_during_a_batch_is_noticed_after_it(
    instant: DTSCNNOverlay, monkeypatch: pytest.MonkeyPatch
) -> None:
    hardware = instant.device._hardware
    run = hardware.run

    def switch(*arguments: object) -> int:
        cycles = run(*arguments)
        if arguments[0].target_done:  # type: ignore[attr-defined]
            hardware.registers[REGISTERS["BUILD_ID_LOW"]] ^= 1
        return cycles

    with monkeypatch.context() as patched:
        patched.setattr(hardware, "run", switch)
        with pytest.raises(BuildMismatchError, match="another bitstream was loaded"):
            instant.classify(images(1)[0])


def test_verify_names_the_first_difference(tmp_path: Path) -> None:
    bitstream = overlay(tmp_path)
    with DTSCNNOverlay(bitstream, device=instant_board(bitstream)) as loaded:
        assert loaded.verify() == 20
        golden = loaded.classifier.manifest.golden_vectors()
        changed = golden.scores.copy()
        changed[3, 4] += 1
        np.savez(tmp_path / "net.golden.npz", images=golden.images, labels=golden.labels, scores=changed)
        with pytest.raises(BuildMismatchError, match="net.golden.npz is not the file"):
            loaded.verify()
        from dt_scnn.files import sha256

        path = tmp_path / "net.json"
        content = json.loads(path.read_text())
        content["golden"]["sha256"] = sha256(tmp_path / "net.golden.npz")
        path.write_text(json.dumps(content))
        with (
            DTSCNNOverlay(bitstream, device=instant_board(bitstream)) as again,
            pytest.raises(
                BoardError, match=r"1 of 20 golden images differ; the first is image 3: score 4 \(e\)"
            ),
        ):
            again.verify()


def test_throughput_is_measured(instant: DTSCNNOverlay) -> None:
    found = instant.throughput_test(images=300, single=20)
    assert 0 < found.latency_p50 <= found.latency_p99 and found.images_per_second > 0
    assert found.dma_seconds > 0 and (found.batch, found.compute_cycles, found.compute_seconds) == (
        256,
        1000,
        1e-5,
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": 2}, "not a manifest of format 1"),
        (
            {"shape": (28, 28, 2)},
            "hardware takes 784 bytes and gives 11 words, the manifest says 1568 and 11",
        ),
        ({"frame_bytes": 783}, "not a manifest.*783 bytes"),
        ({"result_words": 10}, "10 words for 10 classes"),
        ({"files": {"../net.bit": "0"}}, "is not the name of a file beside the manifest"),
        ({"files": {"net.bit": "0" * 64}}, "net.bit is not the file"),
        ({"files": {"net.hwh": "0" * 64}}, "net.hwh is missing"),
        ({"classes": 5}, "not a manifest"),
        ({"bus_bits": 48}, "48 bits"),
    ],
)
def test_a_manifest_that_is_wrong_is_refused(tmp_path: Path, changes: dict, message: str) -> None:
    bitstream = overlay(tmp_path)
    board = instant_board(bitstream)
    overlay(tmp_path, **changes)
    with pytest.raises(BoardError, match=message):
        DTSCNNOverlay(bitstream, device=board)


def test_a_missing_or_damaged_manifest_is_named(tmp_path: Path) -> None:
    (tmp_path / "net.bit").write_bytes(b"bits")
    with pytest.raises(BoardError, match=r"net.json: the manifest is missing"):
        DTSCNNOverlay(tmp_path / "net.bit", device="sim")
    (tmp_path / "net.json").write_text("{")
    with pytest.raises(BoardError, match=r"net.json: the manifest is damaged"):
        DTSCNNOverlay(tmp_path / "net.bit", device="sim")


def test_the_simulated_board_needs_its_library(instant_bit: Path) -> None:
    with pytest.raises(BoardError, match=r"libdtscnn_board.so is missing; .*simulate-board"):
        DTSCNNOverlay(instant_bit, device="sim")
