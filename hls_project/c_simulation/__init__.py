"""C-simulation: the generated C++, compiled by g++ alone, against the golden scores."""
