"""Processes that change shared documents, are killed at random, and an audit of what was acknowledged to them.

`python -m tests.acceptance.torture --help` runs it for as long as one likes.
"""
