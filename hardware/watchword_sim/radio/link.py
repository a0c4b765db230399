"""The link layer between controllers: connection events, retransmission, advertising loss, supervision timeout.

Bumble's own LocalLink delivers everything at once and never loses a packet. Here a PDU waits for the next connection
event, a lost event is simply the next one's work (the link layer repeats until acknowledged), and a peer that is gone
is noticed only when the supervision timeout has passed without an event.
"""

from __future__ import annotations

import asyncio
import collections
import dataclasses
import random
from collections.abc import Callable
from typing import TYPE_CHECKING

from bumble import hci, ll
from bumble.link import LocalLink

from watchword_sim.radio.air import Air

if TYPE_CHECKING:
    from watchword_sim.radio.controller import ModelledController

# Units of the core specification, Vol 4 Part E, 7.8.12.
INTERVAL_UNIT_S = 0.00125
TIMEOUT_UNIT_S = 0.01
# A connection that never sees its first events is given up after six of them (Vol 6 Part B, 4.5.2).
EVENTS_TO_ESTABLISH = 6


@dataclasses.dataclass
class Advertisement(ll.AdvertisingPdu):
    """One legacy advertising event, as it reaches one receiver."""

    advertiser_address: hci.Address
    kind: int  # HCI_LE_Set_Advertising_Parameters_Command.AdvertisingType
    payload: bytes
    scan_response: bytes | None  # None: the scan response was lost
    rssi_dbm: int = 0


@dataclasses.dataclass
class _Waiting:
    packets_left: int
    deliver: Callable[[], None]


class AirConnection:
    """One connection on the air: what waits each way, and the events that carry it.

    What waits is bounded by the controllers' ACL credits, which come back only when `deliver` has run.
    """

    def __init__(
        self, link: ModelledLink, central: ModelledController, peripheral: ModelledController, connect: ll.ConnectInd
    ) -> None:
        self._link = link
        self.air = link.air_of(connect.advertiser_address)
        self.address_of = {central: connect.initiator_address, peripheral: connect.advertiser_address}
        self._other = {central: peripheral, peripheral: central}
        self._present = {central, peripheral}
        self._waiting_for: dict[ModelledController, collections.deque[_Waiting]] = {
            central: collections.deque(),
            peripheral: collections.deque(),
        }
        self._loop = asyncio.get_running_loop()
        self._anchor_s = self._heard_s = self._loop.time()
        self._wake = asyncio.Event()
        self.set_parameters(connect.interval, connect.timeout)
        self._task = self._loop.create_task(self._run())

    @property
    def ends(self) -> tuple[ModelledController, ...]:
        """Central, then peripheral."""
        return tuple(self._other)

    def other(self, end: ModelledController) -> ModelledController:
        return self._other[end]

    def set_parameters(self, interval_units: int, timeout_units: int) -> None:
        self.interval_s = max(interval_units, 6) * INTERVAL_UNIT_S
        self.timeout_s = max(timeout_units, 10) * TIMEOUT_UNIT_S

    def send(self, sender: ModelledController, octets: int, deliver: Callable[[], None]) -> None:
        """Queues a PDU; `deliver` runs once, when its last packet got over the air."""
        packets = max(1, -(-octets // self.air.octets_per_packet))
        self._waiting_for[self._other[sender]].append(_Waiting(packets, deliver))
        self._wake.set()

    def vanish(self, end: ModelledController) -> None:
        """`end` lost its power: from now on no event succeeds."""
        self._present.discard(end)
        if self._present:
            self._wake.set()
        else:
            self._link.forget(self)

    def is_present(self, end: ModelledController) -> bool:
        return end in self._present

    def wake(self) -> None:
        self._wake.set()

    def stop(self) -> None:
        if self._task is not asyncio.current_task():
            self._task.cancel()

    def _idles_safely(self) -> bool:
        """Nothing to carry and nothing in the way: the empty events of such a time need no simulating."""
        return not any(self._waiting_for.values()) and len(self._present) == 2 and self.air.loss_chance == 0

    async def _run(self) -> None:
        while True:
            if self._idles_safely():
                self._wake.clear()
                await self._wake.wait()
                self._heard_s = self._loop.time()
            await self._next_event()
            now_s = self._loop.time()
            if len(self._present) == 2 and not self.air.loses(self._link.rng):
                self._heard_s = now_s
                self._exchange()
                continue
            self._link.counts["events_lost"] += 1
            if now_s - self._heard_s > self.timeout_s:
                self._link.time_out(self)
                return

    async def _next_event(self) -> None:
        now_s = self._loop.time()
        passed = int((now_s - self._anchor_s) / self.interval_s)
        await asyncio.sleep(self._anchor_s + (passed + 1) * self.interval_s - now_s)

    def _exchange(self) -> None:
        self._link.counts["events"] += 1
        for waiting in self._waiting_for.values():
            budget = self.air.packets_per_event
            while waiting and budget > 0:
                head = waiting[0]
                sent = min(head.packets_left, budget)
                head.packets_left -= sent
                budget -= sent
                if head.packets_left == 0:
                    waiting.popleft()
                    self._loop.call_soon(head.deliver)


class ModelledLink(LocalLink):
    """Where all controllers meet. `rng` draws every loss and every RSSI, so that a seed repeats a run's luck."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.rng = rng
        self.air = Air()
        self.air.on_change(self._air_changed)
        self.counts: collections.Counter[str] = collections.Counter()
        self.connections: list[AirConnection] = []
        self._own_air: dict[bytes, Air] = {}
        self._loop = asyncio.get_running_loop()

    def air_of(self, address: hci.Address) -> Air:
        """The knobs that hold for the pendant of this address: its own if it was given some, else the common ones."""
        return self._own_air.get(bytes(address), self.air)

    def give_own_air(self, address: hci.Address) -> Air:
        """Knobs for one pendant alone, starting from the common ones and no longer moved by them."""
        own = self._own_air.get(bytes(address))
        if own is None:
            own = self._own_air[bytes(address)] = dataclasses.replace(self.air)
            own.on_change(self._air_changed)
            for connection in self.connections:
                connection.air = self.air_of(connection.address_of[connection.ends[1]])
        return own

    def _air_changed(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake_all)

    def _wake_all(self) -> None:
        for connection in self.connections:
            connection.wake()

    def send_advertising_pdu(self, sender: ModelledController, packet: ll.AdvertisingPdu) -> None:  # type: ignore[override]
        if isinstance(packet, ll.ConnectInd):
            self._connect(sender, packet)
        elif isinstance(packet, Advertisement):
            self._advertise(sender, packet)
        else:
            raise NotImplementedError(f"radio: {type(packet).__name__} is not modelled, only legacy advertising is")

    def _advertise(self, sender: ModelledController, packet: Advertisement) -> None:
        air = self.air_of(packet.advertiser_address)
        for receiver in sorted(self.controllers - {sender}, key=lambda controller: controller.name):
            if air.loses(self.rng):
                self.counts["adverts_lost"] += 1
                continue
            answered = None if air.loses(self.rng) else packet.scan_response
            heard = dataclasses.replace(packet, scan_response=answered, rssi_dbm=air.sample_rssi_dbm(self.rng))
            self._loop.call_soon(receiver.on_ll_advertising_pdu, heard)

    def _connect(self, central: ModelledController, packet: ll.ConnectInd) -> None:
        """The advertiser hears CONNECT_IND, or the central finds out after six events that nobody did (0x3E)."""
        peripheral = self._advertiser(packet.advertiser_address)
        if peripheral is None or self.air_of(packet.advertiser_address).loses(self.rng):
            self.counts["connects_unanswered"] += 1
            wait_s = EVENTS_TO_ESTABLISH * packet.interval * INTERVAL_UNIT_S
            self._loop.call_later(wait_s, central.on_never_established, packet.advertiser_address)
            return
        connection = AirConnection(self, central, peripheral, packet)
        self.connections.append(connection)
        central.join(connection)
        peripheral.on_le_connect_ind(packet)
        peripheral.join(connection)

    def _advertiser(self, address: hci.Address) -> ModelledController | None:
        for controller in self.controllers:
            advertiser = controller.le_legacy_advertiser
            if advertiser.enabled and advertiser.address == address:
                return controller  # type: ignore[return-value]
        return None

    def forget(self, connection: AirConnection) -> None:
        if connection in self.connections:
            self.connections.remove(connection)
        connection.stop()

    def time_out(self, connection: AirConnection) -> None:
        """Both ends that are still there learn that the supervision timeout has passed."""
        self.counts["supervision_timeouts"] += 1
        self.forget(connection)
        for end in connection.ends:
            if connection.is_present(end):
                end.on_lost(connection, hci.HCI_CONNECTION_TIMEOUT_ERROR)

    def remove_controller(self, controller: ModelledController) -> None:  # type: ignore[override]
        """The host behind `controller` is gone (closed, killed, power cut): peers learn it by supervision timeout."""
        super().remove_controller(controller)
        controller.le_legacy_advertiser.stop()
        for connection in list(self.connections):
            if controller in connection.ends:
                connection.vanish(controller)
