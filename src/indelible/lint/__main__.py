"""`python -m indelible.lint check PATH…`."""

import sys

from indelible.lint.cli import main

sys.exit(main())
