"""whoami: tells the asker its own address and port (CoreDNS plugin/whoami)."""

from collections.abc import Sequence
from struct import Struct
from typing import Final

from resolver.answers.outcome import Answer, Handler, Reply
from resolver.cluster.addresses import packed_address
from resolver.corefile.directives import Directive
from resolver.corefile.settings import no_arguments, no_block
from resolver.plugins.plugin import Host
from resolver.wire import codes
from resolver.wire.names import ROOT
from resolver.wire.query import Query
from resolver.wire.reply import Record

NAME: Final = "whoami"

_SRV: Final = Struct("!HHH")
_PROTOCOL_LABELS: Final = {"udp": b"\x04_udp", "tcp": b"\x04_tcp"}


class Whoami:
    """Answers every name and type: no answer records; the address and a SRV with the port among the additional ones."""

    name = NAME

    def answer(self, query: Query, next: Handler, /) -> Answer:
        client, owner, rclass = query.client, query.asked, query.qclass
        packed = packed_address(client.address) or b""
        rtype = codes.A if len(packed) == 4 else codes.AAAA
        service = _SRV.pack(0, 0, client.port) + ROOT
        return Reply(
            flags=codes.AA,
            additional=[
                Record(owner, rtype, rclass, 0, packed),
                Record(_PROTOCOL_LABELS[client.protocol] + owner, codes.SRV, rclass, 0, service),
            ],
        )


def setup(uses: Sequence[Directive], host: Host) -> Whoami:
    """Raises BadConfig."""
    no_arguments(uses[0])
    no_block(uses[0])
    return Whoami()
