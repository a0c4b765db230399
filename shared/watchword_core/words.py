"""The numbers that stand for words in frames, tables and snapshots. Numbers are never reused (docs/protocol.md)."""

# Who (CONTRACTS: roles). NEXT is whoever follows the owner of an alarm.
WORKER = 1
TRACKER = 2
MANAGER = 3
SENIOR = 4
EMERGENCY_CONTACT = 5
TEAM = 6
CLIENT = 7
PARTNER_AGENCIES = 8
EMERGENCY_SERVICES = 9
HUB = 10
PENDANT = 11
NEXT = 12  # 13 was used

# What is asked for or done (CONTRACTS: verbs).
CALL = 1
TELL = 2
PROMPT = 3
CLEAR = 4
REFUSE = 5
DECIDE = 6
DIAL_999 = 7
MARK = 8
CLOSE = 9

# By which means, as bits; lower bits are tried first.
WORK_MOBILE = 1
PERSONAL_MOBILE = 2
HOME = 4
CLIENT_MOBILE = 8
CLIENT_LANDLINE = 16

# What a case can be told. Those below 64 also travel in Report.event.
HEARTBEAT = 1
HELLO = 2  # answers a challenge
ARRIVED = 3
CHECKED_IN = 4
DEPARTED = 5
EXTENDED = 6
SOS = 7
MAN_DOWN = 8
DURESS = 9  # its value: the event that it looks like, and above these 8 bits that event's own value
LEFT_FOR_VISIT = 10
RETURNED = 11
FELT = 12  # the pendant has shown the wearer what its `about` names
PRACTICE_SOS = 13  # never an alarm
CONFIRMED = 64
SPOKE_ARRIVAL = 65
SPOKE_DEPARTURE = 66
SPOKE = 67
STAND_DOWN = 68
ABANDONED = 69
CANCELLED = 70
ACKNOWLEDGED = 71
RESOLVED = 72
CALL_SAFE = 73
CALL_AT_RISK = 74
CALL_DURESS = 75
CALL_NO_ANSWER = 76
CALL_VOICEMAIL = 77
DONE = 78
DECIDED = 79
WORRIED_FAMILY = 80
NO_SIGNAL = 81
RISK_CHECKED = 82
SILENT = 83  # nothing heard of pendant or phone within the limit
SEEN = 84
DURABLE = 85  # the hub has it

# Event.what of DECIDED.
CALL_POLICE = 1
NOT_POLICE = 2

# Event.what of SPOKE, where nobody said that it was about something else.
WHATEVER_WAS_DUE = 1

# Moments that rungs count from.
AT_START = 0
AT_ARRIVED = 1
AT_T_ARRIVE = 2
AT_T_END = 3
AT_DEPARTED = 4
AT_ALARM = 5
AT_DURESS = 6
AT_AT_RISK = 7
AT_ACKNOWLEDGED = 8
AT_RECORDED = 9
AT_POLICE = 10
AT_SILENT = 11
AT_CHECK_IN = 12
AT_END_OF_DAY = 13
AT_WORRIED = 14
AT_NO_SIGNAL = 15
AT_FINISH = 16  # the agreed check-in, or T_end where none is agreed
AT_RETURN = 17  # expected back
AT_CLOSED = 18  # the visit has ended as it should
AT_LEFT = 19  # left for the visit
AT_999_DIALLED = 20
AT_CANCELLED = 21

# What satisfies a watch, as bits.
BY_ARRIVAL_SPOKEN = 1
BY_SPEECH = 2
BY_DEPARTURE_SPOKEN = 4
BY_REPORT = 8
BY_ARRIVED = 16
BY_DEPARTED = 32
BY_RETURNED = 64
BY_STAND_DOWN = 128
BY_ACKNOWLEDGED = 256
BY_TAKEN = 512  # acknowledged by the manager or the senior
BY_RECORDED = 1024
BY_RESOLVED = 2048
BY_DECIDED = 4096
BY_SEEN = 8192
BY_AFTER_END = 16384  # contact at or after T_end, before any rung has opened too
BY_ABANDONED = 32768

# What a plan says, as bits.
PLAN_NO_TRACKER = 1
PLAN_RISK = 2
PLAN_FIRST_VISIT = 4
PLAN_POOR_COVERAGE = 8
PLAN_OUT_OF_HOURS = 16
PLAN_LAST_OF_DAY = 32
PLAN_RETURNING = 64
PLAN_UNSCHEDULED = 128
PLAN_PROFESSIONALS = 256
PLAN_NO_CLIENT_PHONES = 512
PLAN_NO_SENIOR = 1024
PLAN_CONTACTS = 0x3800  # not a condition: how many emergency contacts there are, 0 to 7
PLAN_CONTACT = 0x0800  # one of them
PLAN_ALONE = 0x4000  # alone where pairs are required
PLAN_NONE = 0x8000  # an alarm with no visit

# Rules that are not rungs: what an Action.rung of 200 and more means; the procedure file gives each its clause.
RULE_CLEAR = 200
RULE_MARK_D = 202
RULE_CLOSE = 203
RULE_MARK_CALL_BACK = 204
RULE_STAND_DOWN = 205
RULE_ABANDON = 206
RULE_CANCEL = 207
RULE_RETELL = 208
RULE_UNREPORTED = 209
RULE_CLOSE_NO_RISK = 210  # as RULE_CLOSE, of a visit without an identified risk
RULE_FORBID = 220  # and more: the file's forbidden plans, in order
