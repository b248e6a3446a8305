"""The driver through a release's own `Overlay`, `DMA`, `PynqBuffer` and `Clocks`, in that release's Python: FOLDER with an overlay.

Nothing but numpy, pynq and the driver is imported: this runs on Python 3.8.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pynq

from board.errors import BoardError, StalledError
from board.manifest import Manifest
from board.overlay import DTSCNNOverlay
from board.simulated.hardware import Fault
from tests.board.instant import InstantHardware, MappedBoard, SimulatedBoard, scores


def main(folder: Path) -> None:
    bitstream = folder / "net.bit"
    manifest = Manifest.load(bitstream.with_suffix(".json"))
    images = np.random.default_rng(5).integers(0, 256, (600, *manifest.shape), np.uint8)
    expected = scores(images, len(manifest.classes))
    board = SimulatedBoard(manifest, InstantHardware(manifest))
    with DTSCNNOverlay(bitstream, device=board, timeout=0.5) as loaded:
        clock = loaded.classifier.clock
        assert abs(clock.registers - 100) < 1e-6 and abs(clock.measured - 100) < 0.1, clock
        assert abs(board.simulated_mhz - 100) < 1e-9, board.simulated_mhz
        for image, wanted in zip(images[:20], expected):  # noqa: B905 - Python 3.8
            assert (loaded.classify(image).scores == wanted).all()
        assert (loaded.predict(images).scores == expected).all()
        assert loaded.verify() == 20
        board.inject(Fault.STALLED)
        try:
            loaded.predict(images[:3])
        except StalledError:
            pass
        else:
            raise AssertionError("a stalled transfer came to its end")
        assert (loaded.predict(images[:300]).scores == expected[:300]).all()
        # The release's own channels work as before: nothing of theirs is left half done.
        sent = pynq.allocate((1, manifest.frame_stride), np.uint8, target=board)
        received = pynq.allocate((1, manifest.result_words), np.uint32, target=board)
        sent[0, : manifest.frame_bytes] = images[7].reshape(-1)
        dma = loaded.axi_dma_0
        dma.recvchannel.transfer(received)
        dma.sendchannel.transfer(sent)
        dma.sendchannel.wait()
        dma.recvchannel.wait()
        assert (np.array(received)[0, :-1].view(np.int32) == expected[7]).all()
    try:
        loaded.classify(images[0])
    except BoardError:
        pass
    else:
        raise AssertionError("a closed overlay classified")
    with DTSCNNOverlay(bitstream, device=MappedBoard(manifest)) as loaded:
        loaded.classify(images[0])
    print("exercised", pynq.__version__, pynq.__file__, *sys.version_info[:2])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
