"""Bumble's controller with what a real one has and Bumble's leaves out.

Scan responses, RSSI, cancelling a connect, credits that come back only when a packet went over the air, a CONNECT_IND
that nobody answered, and the negotiated parameters told to both hosts. Legacy advertising only, as MicroPython's
NimBLE builds are. Section numbers: Bluetooth core specification 5.4.
"""

from __future__ import annotations

import asyncio
from typing import Any

from bumble import hci, ll
from bumble.controller import Connection, Controller, LegacyAdvertiser
from bumble.core import PhysicalTransport

from watchword_sim.radio.link import Advertisement, AirConnection, ModelledLink

AdvertisingType = hci.HCI_LE_Set_Advertising_Parameters_Command.AdvertisingType
ReportType = hci.HCI_LE_Advertising_Report_Event.EventType

INTERVAL_UNIT_S = 0.000625  # of advertising, Vol 4 Part E, 7.8.5
MIN_INTERVAL_S = 0.02
MAX_DELAY_S = 0.01  # advDelay, Vol 6 Part B, 4.4.2.2.1

REPORT_OF = {
    AdvertisingType.ADV_IND: ReportType.ADV_IND,
    AdvertisingType.ADV_SCAN_IND: ReportType.ADV_SCAN_IND,
    AdvertisingType.ADV_NONCONN_IND: ReportType.ADV_NONCONN_IND,
}
SCANNABLE = (AdvertisingType.ADV_IND, AdvertisingType.ADV_SCAN_IND)
ACTIVE_SCAN = 1

ACL_PACKET_OCTETS = 251
ACL_CREDITS = 12  # packets that the host may have in the controller, as on an ESP32
CONTROL_PDU_OCTETS = 27


class ModelledAdvertiser(LegacyAdvertiser):
    """Keeps the interval in its real unit, adds the random delay, carries the scan response."""

    def __init__(self, controller: ModelledController) -> None:
        super().__init__(controller)
        self._modelled = controller

    def _on_timer_fired(self) -> None:
        self.send_advertising_data()
        interval_s = max(MIN_INTERVAL_S, self.advertising_interval_min * INTERVAL_UNIT_S)
        delay_s = self._modelled.modelled_link.rng.uniform(0, MAX_DELAY_S)
        self.timer_handle = asyncio.get_running_loop().call_later(interval_s + delay_s, self._on_timer_fired)

    def send_advertising_data(self) -> None:
        if self.enabled:
            self._modelled.send_advertising_pdu(
                Advertisement(
                    self.address, self.advertising_type, bytes(self.advertising_data), bytes(self.scan_response_data)
                )
            )


class ModelledConnection(Connection):
    """A controller's end of a connection; `on_air` is None until the peer has answered, and after it is over."""

    on_air: AirConnection | None = None
    _fragments = 0

    def on_hci_acl_data_packet(self, packet: hci.HCI_AclDataPacket) -> None:
        self._fragments += 1
        self.assembler.feed_packet(packet)

    def on_acl_pdu(self, pdu: bytes) -> None:
        fragments, self._fragments = self._fragments, 0
        if self.on_air is None:
            self._give_back(fragments)
            return
        connection, peer = self.on_air, self.on_air.other(self._end)

        def deliver() -> None:
            if peer.has(connection):
                peer.on_link_acl_data(self.self_address, PhysicalTransport.LE, pdu)
            self._give_back(fragments)

        connection.send(self._end, len(pdu), deliver)

    def send_ll_control_pdu(self, packet: ll.ControlPdu) -> None:
        if self.on_air is None:
            return
        connection, peer = self.on_air, self.on_air.other(self._end)

        def deliver() -> None:
            if isinstance(packet, ll.ConnectionUpdateInd):
                connection.set_parameters(packet.interval, packet.timeout)
            if peer.has(connection):
                peer.on_ll_control_pdu(self.self_address, packet)
            if isinstance(packet, ll.TerminateInd):
                self._end.on_lost(connection, hci.HCI_CONNECTION_TERMINATED_BY_LOCAL_HOST_ERROR)
                self._end.modelled_link.forget(connection)

        connection.send(self._end, CONTROL_PDU_OCTETS, deliver)

    @property
    def _end(self) -> ModelledController:
        assert isinstance(self.controller, ModelledController)
        return self.controller

    def _give_back(self, credits: int) -> None:
        if self.controller.le_connections.get(self.peer_address) is not self:
            return  # over: its host has taken all credits back already
        self.controller.send_hci_packet(
            hci.HCI_Number_Of_Completed_Packets_Event(connection_handles=[self.handle], num_completed_packets=[credits])
        )


class ModelledController(Controller):
    """One controller on a ModelledLink."""

    le_features = Controller.le_features & ~(
        hci.LeFeatureMask.LE_EXTENDED_ADVERTISING | hci.LeFeatureMask.LE_PERIODIC_ADVERTISING
    )
    supported_max_tx_octets = ACL_PACKET_OCTETS
    supported_max_rx_octets = ACL_PACKET_OCTETS
    suggested_max_tx_octets = ACL_PACKET_OCTETS
    le_acl_data_packet_length = ACL_PACKET_OCTETS
    total_num_le_acl_data_packets = ACL_CREDITS

    def __init__(self, name: str, link: ModelledLink, source: Any = None, sink: Any = None) -> None:
        super().__init__(name, source, sink, link)
        self.modelled_link = link
        self.le_legacy_advertiser = ModelledAdvertiser(self)

    # -- connections

    def join(self, connection: AirConnection) -> None:
        """This end's connection to that peer is now on the air."""
        end = self._connection_to(connection)
        if end is not None:
            end.on_air = connection

    def has(self, connection: AirConnection) -> bool:
        """False once this end has given the connection up, even if it has a newer one to the same peer."""
        end = self._connection_to(connection)
        return end is not None and end.on_air is connection

    def on_lost(self, connection: AirConnection, reason: int) -> None:
        end = self._connection_to(connection)
        if end is not None and end.on_air is connection:
            self.on_le_disconnected(end, reason)

    def on_never_established(self, peer_address: hci.Address) -> None:
        """Nobody answered CONNECT_IND (Vol 6 Part B, 4.5.2)."""
        end = self.le_connections.get(peer_address)
        if isinstance(end, ModelledConnection) and end.on_air is None:
            self.on_le_disconnected(end, hci.HCI_CONNECTION_FAILED_TO_BE_ESTABLISHED_ERROR)

    def _connection_to(self, connection: AirConnection) -> ModelledConnection | None:
        end = self.le_connections.get(connection.address_of[connection.other(self)])
        return end if isinstance(end, ModelledConnection) else None

    def on_le_connect_ind(self, packet: ll.ConnectInd) -> None:
        self._open(hci.Role.PERIPHERAL, packet.advertiser_address, packet.initiator_address, packet)
        self.le_legacy_advertiser.stop()

    def create_le_connection(self, peer_address: hci.Address) -> None:
        """Answers an advert of the peer that the host wants (Vol 4 Part E, 7.8.12)."""
        wanted = self.pending_le_connection
        if not isinstance(wanted, hci.HCI_LE_Create_Connection_Command) or peer_address in self.le_connections:
            return
        self.pending_le_connection = None
        packet = ll.ConnectInd(
            initiator_address=self.random_address,
            advertiser_address=peer_address,
            interval=wanted.connection_interval_max,
            latency=wanted.max_latency,
            timeout=wanted.supervision_timeout,
        )
        self._open(hci.Role.CENTRAL, self.random_address, peer_address, packet)
        self.send_advertising_pdu(packet)

    def _open(self, role: hci.Role, own: hci.Address, peer: hci.Address, packet: ll.ConnectInd) -> None:
        handle = self.allocate_connection_handle()
        self.le_connections[peer] = ModelledConnection(
            controller=self,
            handle=handle,
            role=role,
            self_address=own,
            peer_address=peer,
            link=self.modelled_link,
            transport=PhysicalTransport.LE,
            link_type=hci.HCI_Connection_Complete_Event.LinkType.ACL,
        )
        self._connection_complete(hci.HCI_SUCCESS, handle, role, peer, packet)

    def _connection_complete(
        self, status: int, handle: int, role: hci.Role, peer: hci.Address, packet: ll.ConnectInd | None
    ) -> None:
        self.send_hci_packet(
            hci.HCI_LE_Connection_Complete_Event(
                status=status,
                connection_handle=handle,
                role=role,
                peer_address_type=peer.address_type,
                peer_address=peer,
                connection_interval=packet.interval if packet else 0,
                peripheral_latency=packet.latency if packet else 0,
                supervision_timeout=packet.timeout if packet else 0,
                central_clock_accuracy=0,
            )
        )

    def on_hci_disconnect_command(self, command: hci.HCI_Disconnect_Command) -> None:
        """Complete when the peer has heard it, or by the supervision timeout (Vol 6 Part B, 5.1.6)."""
        end = self.find_le_connection_by_handle(command.connection_handle)
        if not isinstance(end, ModelledConnection):
            super().on_hci_disconnect_command(command)
            return
        self._send_hci_command_status(hci.HCI_COMMAND_STATUS_PENDING, command.op_code)
        if end.on_air is None:
            self.on_le_disconnected(end, hci.HCI_CONNECTION_TERMINATED_BY_LOCAL_HOST_ERROR)
        else:
            end.send_ll_control_pdu(ll.TerminateInd(command.reason))

    def on_hci_le_create_connection_cancel_command(
        self, command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Vol 4 Part E, 7.8.13: the pending command ends with a Connection Complete of status 0x02."""
        wanted, self.pending_le_connection = self.pending_le_connection, None
        if wanted is None:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        unknown = hci.HCI_UNKNOWN_CONNECTION_IDENTIFIER_ERROR
        asyncio.get_running_loop().call_soon(
            self._connection_complete, unknown, 0, hci.Role.CENTRAL, wanted.peer_address, None
        )
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    # -- advertising

    def on_ll_advertising_pdu(self, packet: ll.AdvertisingPdu) -> None:
        if not isinstance(packet, Advertisement):
            return
        if self.le_scan_enable:
            self._report(REPORT_OF[AdvertisingType(packet.kind)], packet, packet.payload)
            if self.le_scan_type == ACTIVE_SCAN and packet.kind in SCANNABLE and packet.scan_response is not None:
                self._report(ReportType.SCAN_RSP, packet, packet.scan_response)
        wanted = self.pending_le_connection
        if wanted and packet.kind == AdvertisingType.ADV_IND and wanted.peer_address == packet.advertiser_address:
            self.create_le_connection(packet.advertiser_address)

    def _report(self, kind: ReportType, packet: Advertisement, payload: bytes) -> None:
        report = hci.HCI_LE_Advertising_Report_Event.Report(
            event_type=kind,
            address_type=packet.advertiser_address.address_type,
            address=packet.advertiser_address,
            data=payload,
            rssi=packet.rssi_dbm,
        )
        self.send_hci_packet(hci.HCI_LE_Advertising_Report_Event([report]))

    # -- commands that Bumble's controller has no handler for

    def on_hci_read_rssi_command(self, command: hci.HCI_Read_RSSI_Command) -> hci.HCI_Read_RSSI_ReturnParameters:
        end = self.find_le_connection_by_handle(command.handle)
        air = end.on_air.air if isinstance(end, ModelledConnection) and end.on_air else self.modelled_link.air
        rssi_dbm = air.sample_rssi_dbm(self.modelled_link.rng)
        return hci.HCI_Read_RSSI_ReturnParameters(
            status=hci.HCI_ErrorCode.SUCCESS, handle=command.handle, rssi=rssi_dbm
        )

    def on_hci_le_set_data_length_command(
        self, command: hci.HCI_LE_Set_Data_Length_Command
    ) -> hci.HCI_StatusAndConnectionHandleReturnParameters:
        return hci.HCI_StatusAndConnectionHandleReturnParameters(
            status=hci.HCI_ErrorCode.SUCCESS, connection_handle=command.connection_handle
        )
