"""Files as the Corefile and its plugins read them."""

import glob
import os
from collections.abc import Sequence


class DiskFiles:
    """Imports of a Corefile: the corefile package's FileReader on a disk."""

    def read(self, path: str) -> str:
        """The file's text. Raises OSError; bytes that are no UTF-8 are kept, to be refused where they stand."""
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()

    def glob(self, pattern: str) -> list[str]:
        """The paths a pattern matches, sorted; a path without wildcards is itself if it is there."""
        return sorted(glob.glob(pattern, include_hidden=True))

    def resolve(self, importing_file: str, pattern: str) -> str:
        """The pattern as an absolute one, from the folder of the file that imports it."""
        return os.path.join(os.path.dirname(os.path.abspath(importing_file)), pattern)


def stamp(path: str) -> tuple[int, int] | None:
    """Modification time in nanoseconds and size; None where there is no such file."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def interfaces() -> Sequence[tuple[str, str]]:
    """(interface, address) of this machine in the system's order; IPv6 link-local ones with their scope."""
    from resolver.server.interfaces import all_addresses

    return all_addresses()
