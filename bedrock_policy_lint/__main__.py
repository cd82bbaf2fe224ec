"""`python -m bedrock_policy_lint`."""

import os
import sys

# -m puts the working directory before everything else; a stranger's checkout must not bring its own `yaml.py`.
if sys.path and sys.path[0] in ("", os.getcwd()):
    del sys.path[0]

from bedrock_policy_lint.cli import main

if __name__ == "__main__":
    main()
