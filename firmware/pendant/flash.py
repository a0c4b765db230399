"""Small files in flash, each replaced as a whole: after a power cut there is the old one or the new one."""

import os

STATE_FILE = "state"
DISCREET_FILE = "discreet"  # has DISCREET in it: no light and no sound
DISCREET = b"\x01"
_TABLE = "table-"


class Flash:
    """The pendant's folder. Writing raises OSError when flash is full or worn out."""

    def __init__(self, folder):
        self.folder = folder[:-1] if folder.endswith("/") else folder

    def read(self, name):
        """A file's bytes, or None when there is none."""
        try:
            with open(self.folder + "/" + name, "rb") as f:
                return f.read()
        except OSError:
            return None

    def replace(self, name, content):
        """Writes beside, then renames over."""
        path = self.folder + "/" + name
        with open(path + ".new", "wb") as f:
            f.write(content)
        os.rename(path + ".new", path)

    def names(self):
        """Of the files that are there."""
        return os.listdir(self.folder or "/")

    def remove(self, name):
        os.remove(self.folder + "/" + name)

    def table(self, short_version):
        """The compiled table of this version, or None."""
        return self.read(_TABLE + "%08x" % short_version)

    def shelve(self, short_version, compiled, still_wanted):
        """Keeps a table, and of the others only the one with version `still_wanted`."""
        self.replace(_TABLE + "%08x" % short_version, compiled)
        wanted = [_TABLE + "%08x" % version for version in (short_version, still_wanted)]
        for name in self.names():
            if name.startswith(_TABLE) and name not in wanted:
                self.remove(name)
