"""A configuration as a value: where it came from, its blocks and keys, and how to read it again."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from resolver.corefile.blocks import ServerBlock, fingerprint, parse_corefile
from resolver.corefile.keys import DEFAULT_PORTS, Key, parse_keys
from resolver.corefile.tokens import BadConfig
from resolver.plugins import chain
from resolver.server.files import DiskFiles

_UNSERVED_SCHEMES: Final = ("tls", "https", "https3", "quic", "grpc")


@dataclass(frozen=True, slots=True)
class Source:
    """Where the Corefile is: a path, or a text that is there already (`path` is then its name in errors).

    `by_options`: the text was made from the command line's options, and what is wrong with it is mended there.
    """

    path: str
    text: str | None = None
    default_port: int = DEFAULT_PORTS["dns"]
    by_options: bool = False

    @property
    def is_file(self) -> bool:
        return self.text is None


@dataclass(frozen=True, slots=True)
class BlockConfiguration:
    """One server block and its keys."""

    block: ServerBlock
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Configuration:
    """Parsed blocks; `fingerprint` is what `reload` compares."""

    source: Source
    blocks: tuple[BlockConfiguration, ...]
    fingerprint: str


def read_configuration(source: Source, warn: Callable[[str], None]) -> Configuration:
    """Reads and parses. Raises BadConfig, also where the file cannot be read."""
    text = source.text if source.text is not None else _read(source.path)
    blocks = parse_corefile(
        text, source.path, reader=DiskFiles(), environment=os.environ, warn=warn, known=chain.known()
    )
    if not blocks:
        blocks = parse_corefile(
            f".:{source.default_port} {{\nwhoami\nlog\n}}\n", source.path, warn=warn, known=chain.known()
        )
    configured = []
    for block in blocks:
        keys: list[Key] = []
        for token in block.keys:
            found = parse_keys(token, source.default_port)
            if found and found[0].scheme in _UNSERVED_SCHEMES:
                raise BadConfig.at(token, f"{found[0].scheme}:// is not served; dns:// (UDP and TCP) is")
            keys += found
        configured.append(BlockConfiguration(block, tuple(keys)))
    return Configuration(source, tuple(configured), fingerprint(blocks))


def _read(path: str) -> str:
    try:
        return DiskFiles().read(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadConfig(f"cannot read the Corefile {path}: {reason}; name another one with -conf FILE") from error
