"""Where the hub keeps everything: one SQLite file, written by the engine alone."""
