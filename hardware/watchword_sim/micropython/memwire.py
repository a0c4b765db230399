"""The mails between the in-memory `bluetooth` (memory/bluetooth.py) and the air (watchword_sim.memory_radio).

Read by both interpreters: constants and struct layouts only. Each mail begins with one of these numbers. Mails from the
firmware that begin with less than FIRST_OF_RADIO are not the radio's.
"""

FIRST_OF_RADIO = 0x80

# firmware to air
ADVERTISE = 0x81  # ADVERT: interval_us (0: stop), then the advert
TABLE = 0x82  # JSON: [[service uuid, [[uuid, flags, handle], ...]], ...], uuids in hexadecimal, least byte first
ACCEPTED = 0x83  # CONNECTION: the firmware's stack has the link
NOTIFY = 0x84  # VALUE, then the content
WRITTEN = 0x85  # VALUE: the handler has run, the phone gets its response
READ_DONE = 0x86  # VALUE_STATUS, then the content
END_LINK = 0x87  # CONNECTION: gap_disconnect

# air to firmware
CONNECT = 0xC1  # CONNECTION, then 6 bytes of the phone's address
LINK_LOST = 0xC2  # CONNECTION
WRITE = 0xC3  # VALUE, then the content
MTU = 0xC4  # CONNECTION_NUMBER: the phone's
SUBSCRIBE = 0xC5  # VALUE_STATUS: 1 on, 0 off
READ = 0xC6  # VALUE
SENT = 0xC7  # CONNECTION_NUMBER: so many notifications have left the stack's buffers

HEAD = ">B"
CONNECTION = ">BH"
CONNECTION_NUMBER = ">BHH"
VALUE = ">BHH"  # connection, value handle
VALUE_STATUS = ">BHHB"
ADVERT = ">BI"

CONNECTION_BYTES = 3
VALUE_BYTES = 5
VALUE_STATUS_BYTES = 6
ADVERT_BYTES = 5
DEFAULT_MTU = 23
PHONE_MTU = 247  # what the phone asks for
