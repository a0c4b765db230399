"""`watchword rehearse --diagram`: a picture of a procedure's ladder, or of what happened in a timeline."""

import sys
from pathlib import Path

from ..procedures import ProcedureError, load
from ..rehearse import TimelineError, play, read_timeline
from . import happened, ladder


def draw(procedure_name: str, timeline_path: Path | None, to: Path | None) -> int:
    """Writes the picture to a file, or to standard output; 0 well, 2 unusable input with one line on stderr."""
    try:
        procedure = load(procedure_name)
        if timeline_path is None:
            drawn = ladder.picture(procedure)
        else:
            timeline = read_timeline(timeline_path, procedure)
            drawn = happened.picture(procedure, timeline, play(procedure, timeline))
        if to is not None:
            to.write_text(drawn, encoding="utf-8")
    except (ProcedureError, TimelineError, OSError) as e:
        print(f"watchword rehearse: {e}", file=sys.stderr)
        return 2
    if to is None:
        sys.stdout.write(drawn)
    return 0
