"""Make the tests find the package `studio`, and not the directory of that name beside this file."""

import studio  # noqa: F401 - pytest would otherwise name the tests' parent `studio` first
