"""What the tests' jobs do: the same functions for sync and for async workers."""
