"""Speed and size, measured beside other tools in the same run and printed as JSON: `python -m tests.benchmarks`."""
