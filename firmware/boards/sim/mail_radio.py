"""In place of the radio in virtual time: frames go by the board's mailbox, with the interface of pendant.radio.

What the simulator sends is a frame for the pendant, or one byte: LINK_UP or LINK_DOWN.
"""

import asyncio

import simlink

LINK_UP = b"\x01"
LINK_DOWN = b"\x00"
MAX_MAIL_BYTES = 512
STEP_MS = 1_000


class MailRadio:
    """Loses nothing by itself: the simulator does, as it likes."""

    def __init__(self, clock, log):
        self._clock = clock
        self._up = False

    def attach(self, linked, received):
        self._linked = linked
        self._received = received

    def send(self, frame):
        """Gives a frame to the simulator; nothing while there is no link."""
        if self._up:
            simlink.mailbox_send(frame)

    def show_battery(self, percent):
        """Nobody reads a Battery service here."""

    async def run(self, progress):
        """For ever; `progress` is called at least every second."""
        mail = asyncio.StreamReader(simlink.mailbox)
        while True:
            progress()
            try:
                frame = await asyncio.wait_for_ms(mail.read(MAX_MAIL_BYTES), STEP_MS)
            except asyncio.TimeoutError:
                continue
            if frame in (LINK_UP, LINK_DOWN):
                self._up = frame == LINK_UP
                self._linked(self._up)
            else:
                self._received(frame, self._clock.now_ms())
