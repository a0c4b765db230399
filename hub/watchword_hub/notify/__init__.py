"""Telling people: channels, and the worker that takes what is due from the outbox."""
