"""hls4ml layers of a dual-threshold spiking network, and their registration.

`register()` makes hls4ml know the ONNX operator, the layers and the passes that build them, for every backend. Each
hardware target then adds its templates (`hls_project.targets`).
"""

from __future__ import annotations

import functools


@functools.cache
def register() -> None:
    """Register operator, layers and passes with hls4ml, once per process. Graphs without spikes are left as they are."""
    from hls4ml.converters import register_onnx_layer_handler
    from hls4ml.model.flow import get_flow, update_flow
    from hls4ml.model.layers import register_layer
    from hls4ml.model.optimizer import register_pass

    from hls_project.layers import passes
    from hls_project.layers.dual_threshold_fire import DualThresholdFire, parse_dual_threshold_fire
    from hls_project.layers.scores_argmax import ScoresArgmax
    from hls_project.layers.spike_pool import SpikePool
    from hls_project.layers.spiking_conv2d import SpikingConv2D
    from hls_project.layers.spiking_dense import SpikingDense

    register_onnx_layer_handler("DualThresholdFire", parse_dual_threshold_fire)
    for layer in (DualThresholdFire, SpikingConv2D, SpikingDense, SpikePool, ScoresArgmax):
        register_layer(layer.__name__, layer)

    register_pass("absorb_thresholds", passes.AbsorbThresholds)
    get_flow("parse_qonnx").optimizers.insert(0, "absorb_thresholds")
    fusing = {
        "fuse_conv_fire": passes.FuseConvFire,
        "fuse_dense_fire": passes.FuseDenseFire,
        "fuse_spike_pool": passes.FuseSpikePool,
        "spiking_scores": passes.SpikingScores,
        "stream_flatten": passes.StreamFlatten,
        "refuse_strange_backend": passes.RefuseStrangeBackend,
    }
    for name, fusion in fusing.items():
        register_pass(name, fusion)
    update_flow("optimize", add_optimizers=list(fusing))
