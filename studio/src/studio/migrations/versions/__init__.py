"""One file per step of the tables history, in order."""
