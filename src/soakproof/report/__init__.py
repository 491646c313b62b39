"""Reports: one file per format, each a function of a run and its verdict."""
