"""Finds changes of JSON columns that are never saved, by reading code: `indelible check`."""
