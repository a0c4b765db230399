"""One procedure file as its author wrote it: each value is asked for by what it should be, or refused with its line."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

_UNIT_S = {"s": 1, "min": 60, "h": 3600}
_LONGEST_S = 0xFFFF
_BLANK = '"____"'
# What to do about a line that is no TOML, by what the parser says of it; before these, what the line itself shows.
_TWICE = "it stands twice: keep one; each watch is headed [[watch]], each rung [[watch.rung]]"
_CURES = (
    ("Illegal character '\\n'", 'a text has no closing quotation mark: put a " after it'),
    ("Unclosed array", "a list needs a comma between its words and a ] at its end"),
    ("Expected '='", 'write key = value, such as limit = "10 min"; a line for people begins with #'),
    ("Cannot overwrite a value", _TWICE),
    ("Cannot declare", _TWICE),
    ("Invalid value", 'words and times stand in straight quotation marks, such as "call"; true and false in none'),
    ("", "compare it with the same line of a procedure that comes with the product"),
)
_CURLY = "\u201c\u201d\u201e\u2018\u2019"
_HEADER = re.compile(r"\s*\[\[?\s*([\w.-]+)\s*\]")


class ProcedureError(Exception):
    """A procedure file that can't be used. `line` is 0 where no line can be named.

    `readable`: it is well-formed, and what is wrong is what it says.
    """

    def __init__(self, source: str, line: int, reason: str, readable: bool = True) -> None:
        where = f"{source}:{line}" if line else source
        super().__init__(f"{where}: {reason}")
        self.source = source
        self.line = line
        self.reason = reason
        self.readable = readable


def text_of(path: Path) -> str:
    """What an author's file says, however their editor marked it; raises ProcedureError where it is not UTF-8."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as e:
        line = e.object.count(b"\n", 0, e.start) + 1
        reason = "not saved as UTF-8: choose that encoding when you save it (Save as)"
        raise ProcedureError(str(path), line, reason, readable=False) from e


def _not_toml(source: str, lines: list[str], said: str) -> ProcedureError:
    """The line that can't be read, and what to do about it."""
    found = re.search(r"line (\d+)", said)
    number = int(found[1]) if found else len(lines)
    line = lines[number - 1] if 0 < number <= len(lines) else ""
    if any(mark in line.partition("#")[0] for mark in _CURLY):
        cure = 'the line has curly quotation marks: write straight ones, "'
    else:
        cure = next(cure for begins, cure in _CURES if said.startswith(begins))
    return ProcedureError(source, number, f"not readable as TOML: {cure} ({said})", readable=False)


class ProcedureFile:
    """The tables of one file, and where each stands in it. Read in the order of the file."""

    def __init__(self, source: str, text: str) -> None:
        self.source = source
        self._lines = text.splitlines()
        self._headers = [(n, found[1]) for n, line in enumerate(self._lines) if (found := _HEADER.match(line))]
        self._at = ""  # the id of the watch or rung being read
        self._start = -1  # the header of what is being read; lines count from 0, and before the first is -1
        try:
            self.tree: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as e:
            raise _not_toml(source, self._lines, str(e)) from e

    # -- where

    def restart(self) -> None:
        """Goes back to the top."""
        self._at = ""
        self._start = -1

    def ids(self) -> set[str]:
        """Every id in the file, of what was read and of what was not yet."""
        found = (re.match(r"""\s*id\s*=\s*["']([^"']*)""", line) for line in self._lines)
        return {each[1] for each in found if each}

    def enter(self, header: str) -> None:
        """Goes on to the next [[header]], as rows come in the order of the file."""
        self._at = ""
        self._start = next((n for n, name in self._headers if name == header and n > self._start), self._start)

    def enter_id(self, header: str, row: Mapping[str, Any]) -> tuple[str, int]:
        """The same for a row with an id; its id and line."""
        self.enter(header)
        self._at = self.text(row, "id")
        return self._at, self._line_of("id", self._start) + 1

    def table(self, key: str) -> Mapping[str, Any]:
        """Goes to what stands under [key]; nothing, where it is absent."""
        self._at = ""
        self._start = next((n for n, name in self._headers if name == key), -1)
        value = self.tree.get(key, {})
        if not isinstance(value, dict):
            raise self.error(f"{key} is {value!r}; write it as a section [{key}] with its keys below", key)
        return value

    def _line_of(self, key: str, otherwise: int) -> int:
        """Where `key` is given in what is being read, or a section is named so."""
        given = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*=""")
        for n in range(self._start + 1, len(self._lines)):
            if _HEADER.match(self._lines[n]):
                break
            if given.match(self._lines[n]):
                return n
        return next((n for n, name in self._headers if name == key), otherwise)

    def error(self, reason: str, key: str = "id") -> ProcedureError:
        """An error at the line that gives `key` in what is being read."""
        line = self._line_of(key, self._line_of("id", self._start))
        return ProcedureError(self.source, line + 1, f"{self._at}: {reason}" if self._at else reason)

    # -- what

    def blanks(self) -> list[int]:
        """The lines that still hold a blank of the starting file."""
        return [n for n, line in enumerate(self._lines, 1) if _BLANK in line.partition("#")[0]]

    def known(self, row: Mapping[str, Any], allowed: Iterable[str], required: Iterable[str] = ()) -> None:
        """Refuses keys that nobody reads: a misspelt limit must not be a missing one."""
        allowed = set(allowed)
        for key in row:
            if key not in allowed:
                raise self.error(f"unknown key {key!r}; known here: {', '.join(sorted(allowed))}", key)
        for key in required:
            if key not in row:
                raise self.error(f"{key!r} is missing")
        for key in ("clause", "why"):
            if key in row:
                self.text(row, key)

    def rows(self, row: Mapping[str, Any], key: str, header: str) -> list[Mapping[str, Any]]:
        """The tables of a list such as [[watch]]."""
        value = row.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            given = f"headed [{header}]" if isinstance(value, dict) else repr(value)
            raise self.error(f"{key} is {given}; write each as a section of its own, headed [[{header}]]", key)
        return value

    def text(self, row: Mapping[str, Any], key: str) -> str:
        """Words that say something."""
        value = row.get(key)
        if value is None:
            raise self.error(f"{key!r} is missing")
        if not (isinstance(value, str) and value.strip()):
            raise self.error(f'{key} is {value!r}; write text, such as "4.2.2"', key)
        return value

    def word(self, row: Mapping[str, Any], key: str, words: Mapping[str, int], default: str = "") -> int:
        """The number of one word; 0 where the key is absent and there is no default."""
        value = row.get(key, default)
        if key not in row and not default:
            return 0
        if not isinstance(value, str) or value not in words:
            raise self.error(f"{key} is {value!r}; it can be: {', '.join(words)}", key)
        return words[value]

    def bits(self, row: Mapping[str, Any], key: str, words: Mapping[str, int]) -> int:
        """A list of words, each a bit."""
        value = row.get(key, [])
        if not isinstance(value, list):
            raise self.error(f"{key} must be a list, such as [{next(iter(words))!r}]", key)
        bits = 0
        for item in value:
            bits |= self.word({key: item}, key, words)
        return bits

    def yes(self, row: Mapping[str, Any], key: str) -> bool:
        """Whether something is said to be so."""
        value = row.get(key, False)
        if not isinstance(value, bool):
            raise self.error(f"{key} is {value!r}; write true, or leave it out", key)
        return value

    def seconds(self, row: Mapping[str, Any], key: str, least: int = 0) -> int:
        """A time such as "20 min", "60 s" or "1 h"; 0 where the key is absent."""
        value = row.get(key)
        if value is None:
            return 0
        found = re.fullmatch(r"(\d{1,5}) (s|min|h)", value) if isinstance(value, str) else None
        if not found:
            raise self.error(f'{key} is {value!r}; write a time such as "20 min", "60 s" or "1 h"', key)
        seconds = int(found[1]) * _UNIT_S[found[2]]
        if seconds > _LONGEST_S:
            raise self.error(f"{key} is {value}; the longest is 18 h", key)
        if seconds < least:
            raise self.error(f"{key} is {value}; leave it out, or write a time that passes", key)
        return seconds
