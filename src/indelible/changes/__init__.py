"""Tracked containers, deltas: pure Python."""
