"""Where a model's files and images are, and which of its stages are current."""
