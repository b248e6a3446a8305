"""The page of a model: what its reports, its plan, its card and its file say, in one HTML file with pictures."""
