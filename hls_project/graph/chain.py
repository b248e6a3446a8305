"""The chain of layers that a network's nodes form; each node is moved into integers as it is added."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np
from onnx import NodeProto

from dt_scnn.errors import ConfigurationError
from hls_project.graph import geometry, scaling
from hls_project.graph.constants import Constants
from hls_project.graph.firing import Firing, check_worth, fires, integer_thresholds, read_firing, stand_in
from hls_project.graph.flattening import flattened, transposed
from hls_project.graph.quantized_map import check_unchanged
from hls_project.graph.quantizer import is_quantizer
from hls_project.graph.signals import Layout, Map, Potential
from hls_project.graph.source import SourceLayer
from hls_project.graph.view import GraphView, attribute, label, refuse, require
from hls_project.graph.weighted import Weighted, weigh
from hls_project.graph.weights import FEWEST_BITS, QuantizedWeights, read_weights, shape_of_weights

_FLATTENING = ("Flatten", "Reshape", "Squeeze")
_MEANS = ("AveragePool", "GlobalAveragePool", "ReduceMean")
PLAIN = ("Conv", "Gemm", "MatMul", "DualThresholdFire", "MaxPool", "Flatten", "Reshape")
"""Operators that every runtime computes exactly, where their numbers are powers of two."""


@dataclass
class Chain:
    """The layers so far, and `now`: what the last node puts out.

    operators: the layout that convolutions and poolings compute in. plain: every runtime computes what came so far exactly, in float32. faults: what is wrong with nodes that the chain could
    go on after; `add` raises where it cannot.
    """

    view: GraphView
    constants: Constants
    now: Map | Potential
    operators: Layout = "NCHW"
    layers: list[SourceLayer] = field(default_factory=list)
    plain: bool = True
    faults: list[str] = field(default_factory=list)

    @property
    def layout(self) -> Layout:
        """Return how the tensor that is put out now has its axes."""
        return self.now.layout

    def add(self, node: NodeProto, tensor: str) -> None:
        """Append a node that reads `tensor`.

        Raises:
            ConfigurationError: it cannot stand here, or cannot be moved into integers exactly.
        """
        readers: dict[str, Callable[[NodeProto, str], None]] = {
            "Conv": self._conv,
            "Gemm": self._dense,
            "MatMul": self._dense,
            "MaxPool": self._pool,
            "GlobalMaxPool": self._pool,
            "Relu": self._rectify,
            "Transpose": self._transpose,
        }
        readers |= dict.fromkeys(_FLATTENING, self._flatten) | dict.fromkeys(_MEANS, self._mean)
        readers |= dict.fromkeys(scaling.OPERATORS, self._scale)
        self.plain &= node.op_type in PLAIN
        if fires(node):
            self._fire([node], tensor)
        elif node.op_type in readers:
            readers[node.op_type](node, tensor)
        else:
            self.faults.append(f"{label(node)}: cannot stand between image and scores")
        self.constants.know_shape(node.output[0], self.now.tensor_shape)

    def add_branches(self, nodes: list[NodeProto], tensor: str, joined: NodeProto) -> None:
        """Append nodes that fire side by side on `tensor`, and the `Concat` that joins their spikes in this order."""
        self.plain = False
        require(joined, "axis", attribute(joined, "axis", None) % self.now.axes.rank, self.now.axes.channel)
        self._fire(nodes, tensor)
        self.constants.know_shape(joined.output[0], self.now.tensor_shape)

    def _conv(self, node: NodeProto, tensor: str) -> None:
        source = self._source(node)
        self._needs_map(node)
        first = self.layout == "NCHW"
        weights = self._weights(node, (2, 3, 1, 0) if first else (1, 2, 3, 0))
        weights = _without_groups(node, weights, source.shape[2])
        rows, columns, channels, kernels = weights.integers.shape
        require(node, "number of input channels", channels, source.shape[2])
        form = geometry.convolution(node, (rows, columns), source.shape)
        weighted = self._weighted(node, source, weights, any(form.pads))
        shape = (*form.output, kernels)
        layer = SourceLayer(
            "conv",
            source.integer_shape,
            shape,
            weighted.integers,
            weighted.bits,
            weighted.scale,
            form.stride,
            form.pads,
            node.output[0],
        )
        self._append(node, layer, Potential(shape, self.layout, weighted.scale, weighted.offset))

    def _dense(self, node: NodeProto, tensor: str) -> None:
        source = self._source(node)
        if node.input[0] != tensor:
            refuse(node, f"must read {tensor!r} as its first input")
        if not source.flat:
            refuse(node, "must read a flattened tensor; put a Flatten before it")
        require(node, "transA", attribute(node, "transA", 0), 0)
        order = (1, 0) if attribute(node, "transB", 0) else (0, 1)
        weights = self._weights(node, order)
        height, width, channels = source.shape if not source.mean_of else (1, 1, source.shape[2])
        inputs, outputs = weights.integers.shape
        require(node, "number of inputs", inputs, height * width * channels)
        if self.layout == "NCHW":
            taps = weights.integers.reshape(channels, height, width, outputs).transpose(1, 2, 0, 3)
        else:
            taps = weights.integers.reshape(height, width, channels, outputs)
        weighted = self._weighted(node, source, weights._replace(integers=taps), padded=False)
        shape = (1, 1, outputs)
        layer = SourceLayer(
            "dense",
            source.integer_shape,
            shape,
            weighted.integers,
            weighted.bits,
            weighted.scale,
            (1, 1),
            (0, 0, 0, 0),
            node.output[0],
        )
        alpha = Fraction(attribute(node, "alpha", 1.0))
        self.plain &= alpha == 1
        potential = Potential(shape, self.layout, weighted.scale, weighted.offset, flat=True)
        self._append(
            node, layer, potential.after(scaling.Affine((alpha,) * outputs, (Fraction(0),) * outputs))
        )

    def _weights(self, node: NodeProto, order: tuple[int, ...]) -> QuantizedWeights:
        """Return the weights; faulty ones are noted, and zeros taken where their shape is known."""
        try:
            return read_weights(self.view, self.constants, node, order)
        except ConfigurationError as error:
            shape = shape_of_weights(self.view, self.constants, node)
            if len(shape) != len(order) or not all(shape):
                raise
            self.faults.append(str(error))
            integers = np.zeros([shape[axis] for axis in order], np.int64)
            return QuantizedWeights(integers, (Fraction(1),) * integers.shape[-1], FEWEST_BITS, declared=True)

    def _weighted(self, node: NodeProto, source: Map, weights: QuantizedWeights, padded: bool) -> Weighted:
        self.plain &= weights.declared
        return weigh(node, source, weights, padded)

    def _append(self, node: NodeProto, layer: SourceLayer, potential: Potential) -> None:
        """Append a layer, its bias added to its potentials."""
        self.layers.append(layer)
        if len(node.input) > 2 and node.input[2]:
            axes = potential.axes._replace(rank=2, channel=1)  # a bias broadcasts to (1, kernels)
            bias = scaling.channel_values(
                node, "bias", scaling.numbers(self.view, self.constants, node, 2, "bias"), axes
            )
            beta = Fraction(attribute(node, "beta", 1.0))
            self.plain &= not any(bias)
            change = scaling.Affine((Fraction(1),) * len(bias), tuple(beta * value for value in bias))
            potential = potential.after(change)
        self.now = potential

    def _fire(self, nodes: list[NodeProto], tensor: str) -> None:
        potential = self.now
        if isinstance(potential, Map):
            if is_quantizer(nodes[0]):
                check_unchanged(self.view, self.constants, nodes[0], potential)
                return
            refuse(nodes[0], "must directly follow a convolution or dense layer")
        try:
            read = [
                read_firing(self.view, self.constants, node, tensor, potential.axes, self.layout)
                for node in nodes
            ]
            firing = _together(nodes, read)
            check_worth(nodes[0], firing, potential)
            thresholds, negate = integer_thresholds(nodes[0], firing, potential)
        except ConfigurationError as error:
            self.faults.append(str(error))
            firing = stand_in(self.constants, nodes, potential.axes)
            thresholds, negate = integer_thresholds(nodes[0], firing, potential)
        layer = self.layers[-1]
        spikes = nodes[-1].output[0]
        weights = np.where(negate, -layer.weights, layer.weights)
        self.layers[-1] = layer = replace(
            layer, thresholds=thresholds, weights=weights, spikes=spikes, pooled=spikes
        )
        height, width, maps = layer.output_shape
        blocks = len(thresholds) if firing.counted else 1
        repeats = maps // blocks // len(firing.scale)
        self.now = Map(
            (height, width, maps // blocks),
            self.layout,
            firing.scale * repeats,
            firing.offset * repeats,
            blocks,
            flat=potential.flat,
        )

    def _pool(self, node: NodeProto, tensor: str) -> None:
        now = self.now
        self._needs_map(node)
        if not self.layers:
            refuse(node, "max-pooling is supported on spikes, not on the image")
        factor = geometry.pooling(node, now.shape)
        if isinstance(now, Potential):
            now = replace(now, monotone=True)
            self.plain = False
        elif min(now.scale) < 0:
            refuse(node, "takes the maximum of spikes with a negative factor; pool before the factor")
        layer = self.layers[-1]
        self.layers[-1] = replace(layer, pool=layer.pool * factor, pooled=node.output[0])
        height, width, channels = now.shape
        self.now = replace(now, shape=(height // factor, width // factor, channels))

    def _mean(self, node: NodeProto, tensor: str) -> None:
        now = self.now
        if now.flat or now.layout != "NCHW":
            refuse(node, "needs a map of rank 4, channels first")
        if isinstance(now, Potential) or not self.layers:
            if now.shape[:2] == (1, 1):
                return
            refuse(
                node, "a mean is supported of spikes before a dense layer, not of potentials or of the image"
            )
        keep = True
        if node.op_type == "ReduceMean":
            axes = attribute(node, "axes", None)
            if axes is None and len(node.input) > 1:
                value = self.constants.value(node.input[1])
                axes = None if value is None else value.tolist()
            require(node, "axes", sorted(axis % 4 for axis in axes or ()), [2, 3])
            keep = bool(attribute(node, "keepdims", 1))
        elif not geometry.is_mean_of_map(node, now.shape):
            refuse(
                node,
                "a mean of windows is not built; use max-pooling, or the mean of the whole map before a dense layer",
            )
        self.now = replace(now, mean_of=now.shape[:2], flat=not keep)

    def _rectify(self, node: NodeProto, tensor: str) -> None:
        if isinstance(self.now, Potential):
            self.now = self.now.rectified()
            return
        now = self.now
        ends = [
            o + s * n * now.blocks
            for s, o in zip(now.scale, now.offset, strict=True)
            for n in (0, now.largest)
        ]
        if min(ends) < 0:
            refuse(node, f"changes what it reads: values go down to {float(min(ends)):g}; leave it out")

    def _scale(self, node: NodeProto, tensor: str) -> None:
        axes = self.now.axes
        repeated = isinstance(self.now, Map) and axes.channels != self.now.shape[2]
        try:
            change = scaling.affine(self.view, self.constants, node, tensor, axes)
        except ConfigurationError as error:
            self.faults.append(str(error))
            return
        if repeated:
            if len(set(zip(*change, strict=True))) != 1:
                refuse(node, "must scale all of a flattened map alike; put it before the Flatten")
            channels = self.now.shape[2]
            change = scaling.Affine(change.factor[:1] * channels, change.addend[:1] * channels)
        if isinstance(self.now, Potential) and self.now.monotone and min(change.factor) < 0:
            at = next(channel for channel, factor in enumerate(change.factor) if factor < 0)
            refuse(
                node,
                f"its factor for channel {at} is negative, and the maximum before it would become a minimum; put the pooling "
                "or ReLU behind it",
            )
        self.now = self.now.after(change)

    def _flatten(self, node: NodeProto, tensor: str) -> None:
        self.now = flattened(self.constants, node, self.now)

    def _transpose(self, node: NodeProto, tensor: str) -> None:
        self.now = transposed(node, self.now)

    def _needs_map(self, node: NodeProto) -> None:
        if self.now.flat:
            refuse(node, "needs a map of rank 4, but reads a flattened tensor")
        if isinstance(self.now, Map) and self.now.mean_of:
            refuse(node, "reads the mean of a map; only a dense layer may follow it")
        if self.layout != self.operators:
            refuse(
                node,
                f"computes {self.operators}, but what it reads is {self.layout}; put a Transpose before it",
            )

    def _source(self, node: NodeProto) -> Map:
        """Return the map that a layer reads; the fault is noted where potentials have not fired, and spikes are taken."""
        if isinstance(self.now, Map):
            return self.now
        self.faults.append(
            f"{label(node)}: every convolution and dense layer but the last must be followed by a DualThresholdFire"
        )
        one, zero = Fraction(1), Fraction(0)
        channels = self.now.shape[2]
        return Map(self.now.shape, self.layout, (one,) * channels, (zero,) * channels, flat=self.now.flat)


def _without_groups(node: NodeProto, weights: QuantizedWeights, channels: int) -> QuantizedWeights:
    """Return the weights of a convolution in groups as those of one in a single group: zeros between the groups."""
    groups = attribute(node, "group", 1)
    rows, columns, inputs, kernels = weights.integers.shape
    if groups == 1:
        return weights
    if groups < 1 or kernels % groups or inputs * groups != channels:
        refuse(node, f"group must divide {channels} input channels and {kernels} kernels, not be {groups}")
    whole = np.zeros((rows, columns, channels, kernels), np.int64)
    for group in range(groups):
        ins = slice(group * inputs, (group + 1) * inputs)
        outs = slice(group * kernels // groups, (group + 1) * kernels // groups)
        whole[:, :, ins, outs] = weights.integers[..., outs]
    return weights._replace(integers=whole, declared=False)


def _together(nodes: list[NodeProto], read: list[Firing]) -> Firing:
    """Return the firing of nodes side by side, whose spikes are joined in block order."""
    if len(read) == 1:
        return read[0]
    if len(read) > 2 or any(len(firing.bounds) != 1 for firing in read):
        raise ConfigurationError(
            f"{', '.join(map(label, nodes))}: at most two nodes of one threshold each may fire side by side on one tensor"
        )
    first, second = read
    if first.scale != second.scale or first.offset != second.offset:
        refuse(nodes[1], "its spikes have another value than those of the node beside it")
    return replace(
        first, bounds=first.bounds + second.bounds, strict=first.strict + second.strict, counted=False
    )
