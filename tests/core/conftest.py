"""The modules here import each other by bare name, as they do on the board's interpreter."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
