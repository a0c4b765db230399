"""Which frames are heard: genuine, for this pendant, and each once. What they then mean, `wearable` decides."""

from watchword_core import frames


class Hearing:
    """Of one boot; `unseal` is the Siv of the way down. What is turned away is counted."""

    def __init__(self, pendant, boot, unseal, counters):
        self._pendant = pendant
        self._boot = boot
        self._unseal = unseal
        self._counters = counters
        self._down_count = 0
        self._find_count = 0

    def opened(self, frame):
        """(Header, message) of a frame from a carrier, or None."""
        try:
            header, message = frames.open_down(self._unseal, frame)
        except frames.FrameError:
            self._counters.count("forged")
            return None
        if header.pendant != self._pendant:
            self._counters.count("other pendant")
            return None
        if message is None:
            self._counters.count("newer kind")
            return None
        return header, message

    def is_new(self, header):
        """Whether this status was sealed after every other that was heard."""
        if header.count <= self._down_count:
            self._counters.count("repeated")
            return False
        self._down_count = header.count
        return True

    def is_to_be_found(self, header, find, age_ms, under_duress):
        """Whether a Find is to be felt: never under duress; what lies still is not looked for.

        `age_ms`: since it was sealed, None: no clock tells.
        """
        if header.boot != self._boot or header.count <= self._find_count:
            self._counters.count("repeated find")
        elif age_ms is None or age_ms > find.lifetime_ms:
            self._counters.count("expired find")
        elif under_duress:
            self._counters.count("find under duress")
        else:
            self._find_count = header.count
            return True
        return False
