"""Patches: changes of stored documents that one SQL expression makes, without reading them first."""
