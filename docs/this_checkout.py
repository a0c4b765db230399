"""Imported first: the pages of a checkout are about its own procedure files, wherever the package is installed from."""

import importlib.util
import sys
from pathlib import Path

_FILES = Path(__file__).parents[1] / "shared" / "procedures" / "__init__.py"
_SPEC = importlib.util.spec_from_file_location("watchword_procedures", _FILES)
if _SPEC is None:
    raise SystemExit(f"{_FILES} is missing")
sys.modules["watchword_procedures"] = importlib.util.module_from_spec(_SPEC)
