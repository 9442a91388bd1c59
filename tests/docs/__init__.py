"""The documentation says what there is."""
