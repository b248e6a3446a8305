"""`DTSCNNOverlay`: the bitstream, loaded by PYNQ, with the classifier's methods."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Optional

import pynq
from pynq.lib.dma import DMA

from . import clock, power
from .classifier import Classifier
from .errors import BoardError
from .location import locate
from .manifest import Manifest
from .registers import Registers
from .results import Classification, Evaluation, Predictions, Throughput

DMA_NAME, SHELL_NAME = "axi_dma_0", "dtscnn_0"
VLNV = "xilinx.com:module_ref:dtscnn_axi:1.0"


class DTSCNNOverlay(pynq.Overlay):
    """A dual-threshold spiking CNN on the board, or on the simulated one; a context manager.

    bitfile_name: path of `<model>.bit`; its `.hwh`, `.json` and `.npz` lie beside it. A bare name is looked for in `build/` too,
    see `location.locate`. timeout: seconds after which a transfer counts as stalled. device: a `pynq` device; "sim" for the simulated board, which `DTSCNN_BOARD=sim` in the
    environment chooses too. download: False if the bitstream is loaded already.

    Raises:
        BuildMismatchError: files or bitstream are not the manifest's. BoardError: there is no board, or no manifest, or the
            programmable logic runs faster than it was timed for.
    """

    def __init__(
        self,
        bitfile_name: Any,
        timeout: float = 5.0,
        device: Any = None,
        download: bool = True,
        **options: Any,
    ):
        if isinstance(device, str) and device != "sim":
            raise BoardError(f'device is "sim" or a device of pynq, not {device!r}')
        simulated = device == "sim" or (device is None and os.environ.get("DTSCNN_BOARD") == "sim")
        path = locate(Path(bitfile_name), simulated).resolve()
        manifest = Manifest.load(path.with_suffix(".json"))
        manifest.check_files()
        self._owned_device: Optional[Any] = None
        self._timed = manifest.clock_mhz
        if simulated:
            from .simulated import SimulatedBoard

            device = self._owned_device = SimulatedBoard.open(manifest)
        elif device is None and manifest.kind == "simulated":
            raise BoardError(f'{path.name} is of the simulated board: device="sim", or DTSCNN_BOARD=sim')
        _have_event_loop()
        try:
            super().__init__(str(path), download=download, device=device, **options)
            shell = getattr(self, SHELL_NAME)
            self.classifier = _classifier(getattr(self, DMA_NAME), shell.mmio, manifest, self.device, timeout)
        except RuntimeError as error:
            self._close_device()
            if "No Devices Found" in str(error):
                raise BoardError('there is no board here; device="sim" uses the simulated one') from error
            raise
        except BaseException:
            self._close_device()
            raise

    def download(self, *arguments: Any, **options: Any) -> None:
        """Load the bitstream.

        PYNQ 4.0 sets clocks by the frequencies in the `.hwh`, and finds none there for a Zynq-7000 (pynqmetadata 0.2.0): it is
        given the manifest's, of which `Classifier.clock` says what came.
        """
        for entry in self.clock_dict.values():
            if entry.get("enable") and entry.get("frequency", self._timed) is None:
                entry["frequency"] = self._timed
        super().download(*arguments, **options)

    def classify(self, image: Any, resize: bool = False, prepare: Optional[str] = None) -> Classification:
        """See `Classifier.classify`."""
        return self.classifier.classify(image, resize, prepare)

    def predict(
        self, images: Any, progress: Callable[[int, int], None] = lambda done, total: None
    ) -> Predictions:
        """See `Classifier.predict`."""
        return self.classifier.predict(images, progress)

    def evaluate(self, images: Any, labels: Any) -> Evaluation:
        """See `Classifier.evaluate`."""
        return self.classifier.evaluate(images, labels)

    def verify(self) -> int:
        """See `Classifier.verify`."""
        return self.classifier.verify()

    def throughput_test(self, images: int = 1000, single: int = 200) -> Throughput:
        """See `Classifier.throughput_test`."""
        return self.classifier.throughput_test(images, single)

    @property
    def info(self) -> dict[str, Any]:
        """See `Classifier.info`."""
        return self.classifier.info

    def close(self) -> None:
        """Give buffers and a simulated board back."""
        self.classifier.close()
        self._close_device()

    def _close_device(self) -> None:
        if self._owned_device is not None:
            self._owned_device.close()

    def __enter__(self) -> DTSCNNOverlay:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()


def _have_event_loop() -> None:
    """Give this thread an event loop if it has none.

    PYNQ asks for one as it finds that the DMA's interrupts are connected, and a thread other than the main one has none.
    The classifier waits for no interrupt. Who awaits one of PYNQ's (`recvchannel.wait_async`) must do so on the loop of
    the thread that loaded the overlay.
    """
    try:
        asyncio.get_event_loop()
    except RuntimeError:
        asyncio.set_event_loop(asyncio.new_event_loop())


def _classifier(dma: Any, mmio: Any, manifest: Manifest, device: Any, timeout: float = 5.0) -> Classifier:
    """Return the classifier of the loaded bitstream, with its clock set, read back and measured."""
    allocate = partial(pynq.allocate, target=device)
    moved = getattr(device, "moved", None)  # of a simulated board
    # The rails of the machine that simulates a board are not the board's.
    sensors = dict if manifest.kind == "simulated" else power.sensors
    settle = partial(_clock, device, manifest)
    return Classifier(dma, mmio, manifest, allocate, timeout, settle, moved, sensors)


def _clock(device: Any, manifest: Manifest, registers: Registers) -> clock.Clock:
    if manifest.kind == "simulated" and not hasattr(device, "seconds"):
        return clock.Clock(manifest.clock_mhz, None, None)  # a stub without time
    return clock.settle(device, registers, manifest.clock_mhz)


class DTSCNNShell(pynq.DefaultIP):
    """What a plain `pynq.Overlay` binds to the hardware: `overlay.dtscnn_0.classifier` classifies."""

    bindto = [VLNV]

    def __init__(self, description: Any):
        super().__init__(description)
        self._classifier: Optional[Classifier] = None

    @property
    def classifier(self) -> Classifier:
        """The classifier, made at its first use from the manifest beside the loaded bitstream."""
        if self._classifier is None:
            manifest = Manifest.load(Path(self.device.bitfile_name).with_suffix(".json"))
            found = self.device.ip_dict.get(DMA_NAME)
            if found is None:
                raise BoardError(f"the overlay has no {DMA_NAME}")
            dma = DMA({**found, "device": self.device})
            self._classifier = _classifier(dma, self.mmio, manifest, self.device)
        return self._classifier
