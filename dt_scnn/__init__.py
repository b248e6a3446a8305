"""What training and hardware stand on together: errors, whole files, exit statuses, the QONNX format, the zoo."""

__version__ = "0.1.0"
