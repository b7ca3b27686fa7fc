"""`python -m hostprobe`."""

import sys

from hostprobe.cli import main

sys.exit(main())
