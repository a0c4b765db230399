"""Pictures (SVG) and plain words for people: a procedure's ladder, and what happened when in a rehearsal."""
