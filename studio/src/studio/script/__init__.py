"""The script of a project: its scenes, their text and their summaries."""
