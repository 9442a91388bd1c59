"""Documents in every kind of mapped class."""
