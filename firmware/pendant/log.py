"""A few words for the technician at the serial port: bounded, without secrets and without what the wearer said."""

MAX_LINE = 120


class Log:
    """Prints each line and keeps none: nothing on the board reads them, and the heap has better use for the room."""

    def say(self, *words):
        print(" ".join([str(word) for word in words])[:MAX_LINE])
