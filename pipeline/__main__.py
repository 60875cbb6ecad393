"""`python -m pipeline` is `lesson-pipeline`."""

import sys

from pipeline.commands.program import main

if __name__ == "__main__":
    sys.exit(main())
