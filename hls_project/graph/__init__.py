"""The network as exact integers: QONNX files read and checked, bounds, integer graph, golden vectors."""
