"""An evaluation as one HTML page: figures, plots, and the segments worth reading."""
