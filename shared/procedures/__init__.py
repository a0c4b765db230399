"""The organisation's written procedures, one TOML file each; the hub reads and compiles them."""
