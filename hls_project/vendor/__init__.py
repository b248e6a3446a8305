"""The FPGA vendor's programs: run with limits, driven by Tcl."""
