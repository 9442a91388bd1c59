"""Measurements of what the project claims, with peers beside it in the same run."""
