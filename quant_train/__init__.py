"""Quantization-aware training of dual-threshold spiking CNNs, exported as QONNX."""
