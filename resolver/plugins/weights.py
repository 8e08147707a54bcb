"""Weight files of loadbalance: a name on a line, below it its addresses, each with a weight (CoreDNS weighted.go)."""

from typing import Final

from resolver import limits
from resolver.cluster.addresses import packed_address
from resolver.corefile.tokens import BadConfig
from resolver.plugins.durations import duration_text
from resolver.plugins.plugin import Host
from resolver.wire.names import BadName, name_from_text
from resolver.wire.reply import Record

_PREFIX: Final = "plugin/loadbalance: "
_OPEN_ERROR: Final = "weight file open error"


class Weights:
    """The weights of one file, read again when it changed; a bad file leaves them as they are."""

    def __init__(self, host: Host, path: str, reload: float) -> None:
        self.path = path
        self.reload = reload
        self._host = host
        self._content: bytes | None = None
        self._weights: dict[tuple[bytes, bytes], int] = {}

    def of(self, record: Record) -> int:
        """The weight of an address under its name, whose letter case counts (CoreDNS); 1 if the file has none."""
        return self._weights.get((record.owner, record.rdata), 1)

    async def start(self) -> None:
        """Raises BadConfig on a bad file; one that is not there may come later, unless it is never looked at again."""
        try:
            self.read()
        except OSError:
            if not self.reload:
                raise BadConfig(_OPEN_ERROR, plugin="loadbalance") from None
            again = f"Will try again in {duration_text(self.reload)}"
            self._host.log("WARNING", f"{_PREFIX}Failed to open weight file:{_OPEN_ERROR}. {again}")
        except ValueError as error:
            raise BadConfig(str(error), plugin="loadbalance") from None
        if self.reload > 0:
            self._host.every(self.reload, self.refresh)

    def refresh(self) -> None:
        """Reads the file again; errors are logged."""
        try:
            self.read()
        except OSError:
            self._host.log("ERROR", f"{_PREFIX}{_OPEN_ERROR}")
        except ValueError as error:
            self._host.log("ERROR", f"{_PREFIX}{error}")

    def read(self) -> None:
        """Takes over the file's weights if its content is new. Raises OSError; ValueError once for a bad content."""
        content = self._host.read_file(self.path)
        if content != self._content:
            self._content = content
            self._weights = parse_weights(content, self.path)
            self._host.log("INFO", f"{_PREFIX}Successfully reloaded weight file {self.path}")


def parse_weights(content: bytes, path: str) -> dict[tuple[bytes, bytes], int]:
    """Weights by name (wire form) and packed address; of two the first counts. Raises ValueError."""
    weights: dict[tuple[bytes, bytes], int] = {}
    name: bytes | None = None
    for line in content.decode("utf-8", "replace").split("\n"):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if len(words) == 1:
            name = _name(words[0], path)
        elif len(words) == 2:
            address, weight = _entry(words[0], words[1], path)
            if name is None:
                raise ValueError(f"missing domain name in weight file {path}")
            weights.setdefault((name, address), weight)
        else:
            raise ValueError(f'could not parse weight line:"{line.strip()}" in weight file {path}')
    return weights


def _name(word: str, path: str) -> bytes:
    if packed_address(word) is not None:
        raise ValueError(f'wrong domain name:"{word}" in weight file {path}. (Maybe a missing weight value?)')
    try:
        return name_from_text(word)
    except BadName as error:
        raise ValueError(f'wrong domain name:"{word}" in weight file {path}: {error}') from None


def _entry(address: str, weight: str, path: str) -> tuple[bytes, int]:
    packed = packed_address(address)
    if packed is None:
        raise ValueError(f'wrong IP address:"{address}" in weight file {path}')
    value = int(weight) if weight.isascii() and weight.isdecimal() and len(weight) < 10 else 0
    if not 0 < value <= limits.WEIGHT_MOST:
        raise ValueError(f'wrong weight value:"{weight}" in weight file {path}')
    return packed, value
