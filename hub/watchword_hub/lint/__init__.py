"""`watchword check`: what can be proved of a procedure file before anyone relies on it."""
