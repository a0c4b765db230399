"""The console: what is wrong, who is it, what do I do now, who has it. Server-made pages, kept fresh by events."""
