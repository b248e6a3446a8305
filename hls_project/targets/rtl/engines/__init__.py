"""The engines of target `rtl`: each a folder with its SystemVerilog, what folds it has, and what they take.

A new engine is a new folder and an entry in `ENGINES`.
"""

from __future__ import annotations

from dt_scnn.errors import ConfigurationError
from hls_project.plan.fold import Fold
from hls_project.targets.rtl.engines.adders import AddersEngine
from hls_project.targets.rtl.engines.dense import DenseEngine
from hls_project.targets.rtl.engines.engine import Engine
from hls_project.targets.rtl.engines.folded import BLOCK, TABLES, FoldedEngine
from hls_project.targets.rtl.engines.pool import PoolEngine
from hls_project.targets.rtl.engines.tables import TablesEngine
from hls_project.targets.rtl.layer import HardwareLayer

ENGINES: tuple[Engine, ...] = (
    TablesEngine(),
    AddersEngine(),
    DenseEngine(),
    PoolEngine(),
    FoldedEngine(BLOCK),
    FoldedEngine(TABLES),
)


def engine_of(layer: HardwareLayer) -> Engine:
    """Return the engine that the layer's fold names.

    Raises:
        ConfigurationError: no engine has that name, or it cannot compute the layer.
    """
    assert layer.fold is not None
    for engine in ENGINES:
        if engine.name == layer.fold.engine:
            engine.check(layer, layer.fold)
            return engine
    raise ConfigurationError(
        f"layer {layer.source!r}: there is no engine {layer.fold.engine!r}; "
        f"those that can compute it are {[engine.name for engine in ENGINES if any(engine.candidates(layer))]}"
    )


def default_fold(layer: HardwareLayer) -> Fold:
    """Return a fold that takes a pixel or beat in each cycle: of the first engine that can compute the layer."""
    for engine in ENGINES:
        if (fold := engine.unfolded(layer)) is not None:
            return fold
    raise ConfigurationError(f"layer {layer.source!r}: no engine can compute it")
