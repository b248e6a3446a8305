"""What the command line does, a function each: values in, a report as an object out; nothing is printed."""
