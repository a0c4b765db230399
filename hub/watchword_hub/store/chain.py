"""The journal's chains: each case's rows are linked by hash, and the site's chain anchors the heads of the cases.

A row's hash covers everything in it and the hash before it in the same case. What is personal enters only as a salted
hash, so that erasing the personal row leaves the chain whole. A changed, missing or reordered row breaks it.
"""

import sqlite3
from hashlib import sha256
from typing import NamedTuple

START = bytes(32)


class BrokenChain(Exception):
    """The journal is not what was written; says where the first difference is."""


class Verified(NamedTuple):
    rows: int
    anchors: int
    erased: int  # rows whose personal part was erased


def personal_hash(salt: bytes, body: str) -> bytes:
    """What binds a personal row to its journal row."""
    return sha256(salt + body.encode()).digest()


def row_hash(
    prev: bytes, seq: int, visit_case: int, at_ms: int, event_ms: int, kind: str, body: str, personal: bytes
) -> bytes:
    """The hash of a journal row."""
    head = f"{seq}|{visit_case}|{at_ms}|{event_ms}|{kind}|{len(body)}|{body}"
    return sha256(prev + personal + head.encode()).digest()


def anchor_hash(prev: bytes, seq: int, visit_case: int, head: bytes) -> bytes:
    """The hash of a row of the site's chain."""
    return sha256(prev + head + f"{seq}|{visit_case}".encode()).digest()


_ROWS = """SELECT j.seq, j.visit_case, j.at_ms, j.event_ms, j.kind, j.body, j.personal_hash, j.prev_hash, j.hash,
                  p.salt, p.body
           FROM journal j LEFT JOIN personal p ON p.seq = j.seq ORDER BY j.seq"""
_ANCHORS = "SELECT seq, visit_case, head, prev_hash, hash FROM site_chain ORDER BY seq"


def verify_chain(connection: sqlite3.Connection) -> Verified:
    """Checks every row of the store; raises BrokenChain at the first that does not hold."""
    heads: dict[int, bytes] = {}
    hashes: dict[int, tuple[int, bytes]] = {}
    erased = rows = 0
    for seq, case, at_ms, event_ms, kind, body, bound, prev, found, salt, private in connection.execute(_ROWS):
        rows += 1
        if seq != rows:
            raise BrokenChain(f"journal row {rows} is missing")
        if prev != heads.get(case, START):
            raise BrokenChain(f"journal row {seq}: does not follow the row before it in case {case}")
        if found != row_hash(prev, seq, case, at_ms, event_ms, kind, body, bound):
            raise BrokenChain(f"journal row {seq}: was changed")
        if salt is not None and personal_hash(salt, private) != bound:
            raise BrokenChain(f"journal row {seq}: its personal part was changed")
        erased += bool(bound) and salt is None
        heads[case] = found
        hashes[seq] = (case, found)
    return Verified(rows, _verify_anchors(connection, hashes, heads), erased)


def _verify_anchors(
    connection: sqlite3.Connection, hashes: dict[int, tuple[int, bytes]], heads: dict[int, bytes]
) -> int:
    prev, anchors = START, 0
    anchored: dict[int, bytes] = {}
    for seq, case, head, stored_prev, found in connection.execute(_ANCHORS):
        anchors += 1
        if hashes.get(seq) != (case, head):
            raise BrokenChain(f"site chain names row {seq} of case {case}, which the journal does not have so")
        if stored_prev != prev or found != anchor_hash(prev, seq, case, head):
            raise BrokenChain(f"site chain was changed at row {seq}")
        prev = found
        anchored[case] = head
    for case, head in heads.items():
        if anchored.get(case) != head:
            raise BrokenChain(f"case {case}: its newest row is not the one that the site chain anchors")
    return anchors
