"""The engine's statements, straight to the driver: SQLAlchemy here would halve what one core can carry (measured).

Each is run once a batch with all its rows, in the order of ORDER.
"""

NEW_PERSON = "INSERT INTO person (id, name) VALUES (?, ?)"
NEW_CONTACT = "INSERT INTO contact_method (person, position, kind, address) VALUES (?, ?, ?, ?)"
SET_PERSON = "UPDATE person SET name = ? WHERE id = ?"
DROP_CONTACTS = "DELETE FROM contact_method WHERE person = ?"
PUT_PENDANT = """INSERT INTO pendant (id, label, wearer, revoked_ms) VALUES (?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET label = excluded.label, wearer = excluded.wearer, revoked_ms = excluded.revoked_ms"""
NEW_BOOT = """INSERT INTO boot (press_window, routine_window, offset_ms, known, challenge, down_count, seen_ms,
    battery_mv, lat_e7, lon_e7, accuracy_m, fix_age_s, flags, pendant, boot)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""
SET_BOOT = """UPDATE boot SET press_window = ?, routine_window = ?, offset_ms = ?, known = ?, challenge = ?,
    down_count = ?, seen_ms = ?, battery_mv = ?, lat_e7 = ?, lon_e7 = ?, accuracy_m = ?, fix_age_s = ?,
    flags = ? WHERE pendant = ? AND boot = ?"""
DROP_BOOT = "DELETE FROM boot WHERE pendant = ? AND boot = ?"
NEW_VERSION = "INSERT OR IGNORE INTO procedure_version (version, name, compiled, lines) VALUES (?, ?, ?, ?)"
NEW_CASE = """INSERT INTO visit_case (id, pendant, procedure, version, plan, roles, contacts, suspect, state, stages,
    snapshot, opened_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, '', x'', ?)"""
SET_CASE = """UPDATE visit_case SET state = ?, stages = ?, snapshot = ?, due_ms = ?, closed_ms = ?, suspect = ?
    WHERE id = ?"""
SET_ROLES = "UPDATE visit_case SET roles = ? WHERE id = ?"
SET_DUE = "UPDATE visit_case SET due_ms = ? WHERE id = ?"
NEW_ENTRY = """INSERT INTO journal (seq, visit_case, at_ms, event_ms, kind, body, personal_hash, prev_hash, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
NEW_PERSONAL = "INSERT INTO personal (seq, salt, body) VALUES (?, ?, ?)"
ERASE_PERSONAL = "DELETE FROM personal WHERE seq IN (SELECT seq FROM journal WHERE visit_case = ?)"
ERASE_MESSAGES = "UPDATE outbox SET subject = '', body = '' WHERE visit_case = ? AND state <> 'queued'"
NEW_ANCHOR = "INSERT INTO site_chain (seq, visit_case, head, prev_hash, hash) VALUES (?, ?, ?, ?, ?)"
NEW_TASK = """INSERT INTO task (id, visit_case, rung, verb, by_role, person, who_role, via, what, opened_ms, due_ms)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
MOVE_TASK = """INSERT INTO task (id, visit_case, rung, verb, by_role, person, who_role, via, what, opened_ms, due_ms)
    SELECT ?, visit_case, rung, verb, by_role, ?, who_role, via, what, ?, due_ms FROM task WHERE id = ?"""
SET_TASK_DUE = "UPDATE task SET due_ms = ? WHERE id = ?"
END_TASK = "UPDATE task SET ended_ms = ?, outcome = ? WHERE id = ?"
NEW_MESSAGE = """INSERT INTO outbox (id, seq, visit_case, person, role, kind, position, subject, body, idempotency_key,
    state, next_try_ms, tries, made_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?, 0, ?)"""
SET_MESSAGE = "UPDATE outbox SET state = ?, next_try_ms = ?, tries = ?, delivered_ms = ?, reason = ? WHERE id = ?"
SET_MESSAGE_TEXT = "UPDATE outbox SET subject = ?, body = ? WHERE id = ?"
PUT_STRANGER = """INSERT INTO stranger (pendant, bridge, first_ms, last_ms, frames) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (pendant) DO UPDATE SET bridge = excluded.bridge, last_ms = excluded.last_ms,
    frames = frames + excluded.frames"""
DROP_STRANGER = "DELETE FROM stranger WHERE pendant = ?"
ADD_COUNTER = """INSERT INTO counter (name, value) VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET value = value + excluded.value"""
NEW_COMMAND_DONE = "INSERT INTO command_done (idempotency_key, answer, at_ms) VALUES (?, ?, ?)"
FORGET_COMMANDS_DONE = "DELETE FROM command_done WHERE at_ms < ?"
FORGET_OFFSETS = "UPDATE boot SET offset_ms = NULL"
MOVE_OFFSETS = "UPDATE boot SET offset_ms = offset_ms + ?"
PUT_META = "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"

ORDER = (
    NEW_PERSON,
    SET_PERSON,
    DROP_CONTACTS,
    NEW_CONTACT,
    PUT_PENDANT,
    FORGET_OFFSETS,
    MOVE_OFFSETS,
    NEW_BOOT,
    SET_BOOT,
    DROP_BOOT,
    NEW_VERSION,
    NEW_CASE,
    SET_CASE,
    SET_ROLES,
    SET_DUE,
    ERASE_PERSONAL,
    ERASE_MESSAGES,
    NEW_TASK,
    SET_TASK_DUE,
    MOVE_TASK,
    END_TASK,
    NEW_MESSAGE,
    SET_MESSAGE,
    SET_MESSAGE_TEXT,
    PUT_STRANGER,
    DROP_STRANGER,
    ADD_COUNTER,
    NEW_COMMAND_DONE,
    FORGET_COMMANDS_DONE,
    PUT_META,
)
