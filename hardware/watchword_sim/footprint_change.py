"""What the firmware takes now against the last release, whose figures stand beside the board's others.

A release writes them anew: `make footprint RELEASE=0.2.0`.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .board_model import REPOSITORY

RELEASED = REPOSITORY / "hardware/boards/walter_rev_a/footprint.json"
COMPARED = {
    "mpy_bytes": "bytes of .mpy in all",
    "after_boot_bytes": "bytes of heap live after boot",
    "worst_bytes": "bytes live at its worst",
    "least_free_block_bytes": "bytes at least in the largest free block",
}
MOST_MODULES = 12  # that are named, those that changed most

Facts = Mapping[str, Any]  # of footprint.as_facts


def keep(release: str, facts: Facts, file: Path = RELEASED) -> None:
    """Writes the figures of a release, one a line, so that the next one's differences can be read."""
    kept = {"release": release, "heap_of": facts["heap_of"], "modules": facts["modules"]}
    kept |= {name: facts[name] for name in COMPARED}
    file.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def kept(file: Path = RELEASED) -> dict[str, Any]:
    """The last release's figures. Raises OSError without the file, ValueError where it lacks one."""
    figures: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    missing = [name for name in ("release", "heap_of", "modules", *COMPARED) if name not in figures]
    if missing:
        raise ValueError(f"{file.name} lacks {', '.join(missing)}")
    return figures


def change(facts: Facts, released: Facts) -> dict[str, Any]:
    """For a program: by how much each figure is more than it was; of modules those that differ."""
    now, then = facts["modules"], released["modules"]
    modules = {path: now.get(path, 0) - then.get(path, 0) for path in sorted({*now, *then})}
    differing = {path: more for path, more in modules.items() if more}
    return {"release": released["release"], **{n: facts[n] - released[n] for n in COMPARED}, "modules": differing}


def told(facts: Facts, released: Facts) -> list[str]:
    """The same for a person."""
    more = change(facts, released)
    lines = [f"Against {more['release']}:"]
    lines += [f"{more[name]:+7} {words} ({released[name]} then)" for name, words in COMPARED.items()]
    differing = sorted(more["modules"].items(), key=lambda module: (-abs(module[1]), module[0]))
    for path, bytes_more in differing[:MOST_MODULES]:
        came = " (new)" if path not in released["modules"] else " (gone)" if path not in facts["modules"] else ""
        lines.append(f"{bytes_more:+7} {path}{came}")
    unnamed = len(differing) - MOST_MODULES
    return [*lines, f"        and {unnamed} modules that changed less"] if unnamed > 0 else lines
