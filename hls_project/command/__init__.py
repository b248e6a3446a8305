"""The verbs of the command line, a file for each group of them: values in, progress, tables and places out."""
