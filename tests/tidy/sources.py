"""The project's own files, for the lints beside this file."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Not read: what other tools write, and what they keep.
_SKIP = {".venv", ".git", "typings", "build", "node_modules", "__pycache__", "vendor"}


@cache
def files() -> tuple[str, ...]:
    """Paths from the root, of what is in git or could be added; of everything where there is no git."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True
    )
    if listed.returncode == 0:
        found = listed.stdout.splitlines()
    else:
        found = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if path.is_file()]
    kept = (path for path in found if not _SKIP & set(path.split("/")) and not path.endswith(".pyc"))
    return tuple(sorted(path for path in kept if (ROOT / path).is_file()))


def python(*folders: str) -> list[str]:
    """The Python files under any of `folders`."""
    return [path for path in files() if path.endswith(".py") and path.startswith(tuple(f + "/" for f in folders))]


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def tree(path: str) -> ast.Module:
    return ast.parse(text(path), path)


def complain(wrong: list[str], how_to_mend: str) -> None:
    """Fails with every place at once, and how to mend it."""
    assert not wrong, "\n".join([*wrong, "To mend: " + how_to_mend])
