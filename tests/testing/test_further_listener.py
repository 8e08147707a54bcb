import socket

import dns.asyncquery
import dns.message

from resolver.testing.further_listener import FurtherListener
from resolver.testing.served_cluster import ServedCluster, ServedOptions


async def test_a_further_place_answers_as_the_first_and_is_recorded():
    served = ServedCluster(ServedOptions("cluster.local"))
    await served.start()
    tcp = socket.create_server(("127.0.0.9", 0))
    udp = socket.socket(type=socket.SOCK_DGRAM)
    udp.bind(tcp.getsockname())
    port = udp.getsockname()[1]
    listener = FurtherListener(served.server, served.history, udp, tcp)
    await listener.start()
    query = dns.message.make_query("kube-dns.kube-system.svc.cluster.local", "A")
    for send in (dns.asyncquery.udp, dns.asyncquery.tcp):
        reply = await send(query, "127.0.0.9", port=port, timeout=5)
        assert reply.answer
    asked = served.history.questions()
    assert [(each.protocol, each.server_port) for each in asked] == [("udp", port), ("tcp", port)]
    await listener.stop()
    assert not listener.problems
    assert (udp.fileno(), tcp.fileno()) == (-1, -1)
    await served.stop()
