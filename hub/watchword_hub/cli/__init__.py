"""The command line: `app.py` joins the commands, and each other file holds those that belong together."""

from .app import main

__all__ = ["main"]
