"""Patches of stored documents, without loading them."""
