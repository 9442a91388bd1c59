"""pytest plugin: turns strict mode on while a project's tests run."""
