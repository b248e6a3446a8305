"""SystemVerilog of a kernel made of shifts and adds: one adder between two registers, nothing that stalls."""

from __future__ import annotations

from dataclasses import dataclass

from hls_project.graph.bounds import signed_width
from hls_project.targets.rtl.engines.adders.solve import AdderGraph


@dataclass(frozen=True)
class AdderKernel:
    """The body of a kernel module. latency: cycles from `taps` to `vm`."""

    body: str
    latency: int


def adder_kernel(graph: AdderGraph, input_bits: int, vm_bits: int) -> AdderKernel:
    """Return the pipeline of `graph` from `taps`, unsigned inputs of `input_bits` bits, to `vm`, `vm_bits` each.

    Every sum is as wide as its exact bounds, at most as wide as the potential. Additions are as late as the outputs allow, so that few values wait.
    """
    return _Pipeline(graph, input_bits, vm_bits).emit()


class _Pipeline:
    def __init__(self, graph: AdderGraph, input_bits: int, vm_bits: int) -> None:
        self.graph, self.input_bits, self.vm_bits = graph, input_bits, vm_bits
        self.lines: list[str] = []
        self.delays: dict[int, int] = {}
        # Arithmetic modulo 2^vm_bits: what a sum has above the potential's own width never shows.
        self.widths = [
            min(signed_width(low, high), max(vm_bits, input_bits + 1)) for low, high in self._ranges()
        ]
        self.stages = self._schedule()

    def _ranges(self) -> list[tuple[int, int]]:
        ranges = [(0, (1 << self.input_bits) - 1)] * self.graph.inputs
        for add in self.graph.adds:
            left = [value << add.left_shift for value in ranges[add.left]]
            right = sorted(add.sign * (value << add.right_shift) for value in ranges[add.right])
            ranges.append((left[0] + right[0], left[1] + right[1]))
        return ranges

    def _schedule(self) -> list[int]:
        """Return the cycle after which each value is there; inputs at 0."""
        inputs = self.graph.inputs
        earliest = [0] * inputs
        for add in self.graph.adds:
            earliest.append(1 + max(earliest[add.left], earliest[add.right]))
        self.latency = max((earliest[out.node] for out in self.graph.outputs if out.node >= 0), default=0)
        negated = {out.node for out in self.graph.outputs if out.sign < 0}
        if any(earliest[node] == self.latency for node in negated):
            self.latency += 1
        latest = [self.latency] * len(earliest)
        for node in negated:
            latest[node] = self.latency - 1
        for index in range(len(self.graph.adds) - 1, -1, -1):
            add = self.graph.adds[index]
            for operand in (add.left, add.right):
                latest[operand] = min(latest[operand], latest[inputs + index] - 1)
        return [0] * inputs + latest[inputs:]

    def emit(self) -> AdderKernel:
        inputs, bits = self.graph.inputs, self.input_bits
        used = {node for add in self.graph.adds for node in (add.left, add.right)}
        for index in sorted((used | {out.node for out in self.graph.outputs}) & set(range(inputs))):
            self.lines.append(
                f"    wire logic signed [{bits}:0] v{index} = {{1'b0, taps[{index * bits} +: {bits}]}};"
            )
        for index, add in enumerate(self.graph.adds, inputs):
            start = self.stages[index] - 1
            left = self._at(add.left, start, add.left_shift, self.widths[index])
            right = self._at(add.right, start, add.right_shift, self.widths[index])
            operator = "+" if add.sign > 0 else "-"
            self.lines.append(f"    logic signed [{self.widths[index] - 1}:0] v{index};")
            self.lines.append(f"    always_ff @(posedge clk) v{index} <= {left} {operator} {right};")
        for index, out in enumerate(self.graph.outputs):
            target = f"vm[{index * self.vm_bits} +: {self.vm_bits}]"
            if out.node < 0:
                self.lines.append(f"    assign {target} = '0;")
            elif out.sign < 0:
                value = self._at(out.node, self.latency - 1, out.shift, self.vm_bits)
                self.lines.append(f"    logic signed [{self.vm_bits - 1}:0] negated{index};")
                self.lines.append(f"    always_ff @(posedge clk) negated{index} <= -({value});")
                self.lines.append(f"    assign {target} = negated{index};")
            else:
                value = self._at(out.node, self.latency, out.shift, self.vm_bits)
                self.lines.append(f"    assign {target} = {value};")
        return AdderKernel("\n".join(self.lines), self.latency)

    def _at(self, node: int, cycle: int, shift: int, width: int) -> str:
        """Return the value of `node`, shifted and cut or sign-extended to `width` bits, after `cycle` cycles."""
        wait = cycle - self.stages[node]
        for delay in range(self.delays.get(node, 0) + 1, wait + 1):
            source = f"v{node}_{delay - 1}" if delay > 1 else f"v{node}"
            self.lines.append(f"    logic signed [{self.widths[node] - 1}:0] v{node}_{delay};")
            self.lines.append(f"    always_ff @(posedge clk) v{node}_{delay} <= {source};")
        self.delays[node] = max(self.delays.get(node, 0), wait)
        name = f"v{node}_{wait}" if wait else f"v{node}"
        # The cast comes first: a shift within the operand's own width would lose its top.
        return f"({width}'({name}) <<< {shift})" if shift else f"{width}'({name})"
