"""Concurrent writers of one document, on real databases."""
