"""A few words for the technician at the serial port: bounded, without secrets and without what the wearer said."""

MAX_LINES = 40
MAX_LINE = 120


class Log:
    """Prints each line and keeps the latest MAX_LINES."""

    def __init__(self):
        self.lines = []
        self.dropped = 0

    def say(self, *words):
        line = " ".join([str(word) for word in words])[:MAX_LINE]
        if len(self.lines) >= MAX_LINES:
            self.lines.pop(0)
            self.dropped += 1
        self.lines.append(line)
        print(line)
