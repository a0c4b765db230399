"""The engine: one thread that owns all state. `engine.py` says its plan in numbered steps."""
