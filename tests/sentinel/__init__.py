"""Tests of the sentinel."""
