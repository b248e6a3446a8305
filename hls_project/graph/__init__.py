"""The network as exact integers: reading and checking QONNX files, bounds of sums, integer graph, golden vectors."""
