"""Who is connected, and what each may have.

Anybody near may connect. A stranger is let go of after AUTHENTICATE_MS, and others may come meanwhile: only a carrier
that has proved itself, by a genuine and fresh frame of the hub's, is the one in use and ends the adverts. One that
brings nothing more fades back to a known one, and whoever proves itself next takes over. A phone that encrypts with a
bond is known from the start.
"""

AUTHENTICATE_MS = 2_000
MAX_LINKS = 3  # at a time, besides those that are ending
STACK_LINKS = 4  # in all, as the ESP32-S3's stack holds (CONFIG_BT_NIMBLE_MAX_CONNECTIONS)

STRANGER = 0
KNOWN = 1  # bonded, or has proved itself once
IN_USE = 2  # brings what the hub says now
ENDING = 3  # asked to end; gone once the stack says so


class Link:
    """One connection."""

    def __init__(self, number, now_ms, grace_ms):
        self.number = number
        self.standing = STRANGER
        self.fits = False  # a whole frame, in one notification
        self.alert_level = 0  # of the Link Loss service
        self.ends_ms = now_ms + grace_ms
        self.fades_ms = now_ms


class Links:
    """At most STACK_LINKS, and at most one in use."""

    def __init__(self):
        self._all = []

    def __len__(self):
        return len(self._all)

    def add(self, number, now_ms, grace_ms=AUTHENTICATE_MS):
        """A new one, a stranger for `grace_ms` at most; takes the place of an old one whose end was never told."""
        self.remove(number)
        link = Link(number, now_ms, grace_ms)
        self._all.append(link)
        return link

    def remove(self, number):
        """The link that is gone, or None."""
        link = self.of(number)
        if link is not None:
            self._all.remove(link)
        return link

    def of(self, number):
        """The link of this number, or None."""
        for link in self._all:
            if link.number == number:
                return link
        return None

    def hearing(self, strangers_too):
        """Those that get frames."""
        found = [link for link in self._all if link.fits and link.standing != ENDING]
        return found if strangers_too else [link for link in found if link.standing != STRANGER]

    def has_room(self):
        """Whether another may come. One that ends only with its supervision timeout, up to 32 s, keeps nobody away as
        long as the stack has a place left.
        """
        staying = len([link for link in self._all if link.standing != ENDING])
        return staying < MAX_LINKS and len(self._all) < STACK_LINKS

    def in_use(self):
        """Whether one is."""
        return any([link.standing == IN_USE for link in self._all])

    def recognise(self, link, now_ms, patience_ms):
        """It is a phone that was made known."""
        if link.standing == STRANGER:
            link.standing = KNOWN
            link.ends_ms = now_ms + patience_ms

    def prove(self, link, now_ms, patience_ms):
        """It has brought what only the hub can say, now; the links that it takes over from."""
        if link.standing == ENDING:
            return []
        others = [other for other in self._all if other is not link and other.standing != ENDING]
        link.standing = IN_USE
        link.ends_ms = now_ms + patience_ms
        link.fades_ms = now_ms + patience_ms // 2
        return others

    def overdue(self, now_ms, patience_ms):
        """Those to be ended now; a visit or alarm shortens it, but not to a moment that went by before it was short."""
        ending = []
        for link in self._all:
            if link.standing in (KNOWN, IN_USE):
                link.ends_ms = min(link.ends_ms, now_ms + patience_ms)
                link.fades_ms = min(link.fades_ms, now_ms + patience_ms // 2)
                if link.standing == IN_USE and now_ms >= link.fades_ms:
                    link.standing = KNOWN
            if now_ms >= link.ends_ms:
                ending.append(link)
        return ending

    def end(self, link, now_ms):
        """It is asked to end, and again if it stays."""
        link.standing = ENDING
        link.ends_ms = now_ms + AUTHENTICATE_MS

    def next_ms(self):
        """When `overdue` next has something to do, or None."""
        due = [link.fades_ms if link.standing == IN_USE else link.ends_ms for link in self._all]
        return min(due) if due else None
