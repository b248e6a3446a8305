"""What reports and terminals share: figures that say where they come from, and the progress of stages."""
