"""What was turned away or lost, counted by reason."""


class Counters:
    """Reasons are few and fixed in the code, so the table can't grow without limit."""

    def __init__(self):
        self.by_reason = {}

    def count(self, reason):
        self.by_reason[reason] = self.by_reason.get(reason, 0) + 1

    def of(self, reason):
        """How often; 0 when never."""
        return self.by_reason.get(reason, 0)
