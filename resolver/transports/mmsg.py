"""Many datagrams in one system call: Linux's recvmmsg(2) and sendmmsg(2) over memory laid out once.

Python touches a batch only through `memoryview`s of its memory, never through attributes of ctypes structures, which
cost more than the system call. A reply is written where its query was read: the name and control bytes there already
say whom it goes to and from which address, so only its length is set.
"""

import ctypes
import socket
import sys
from typing import Any, Final

from resolver import limits
from resolver.transports.datagrams import IP_PKTINFO, ReturnPath, ip_packet_info
from resolver.wire.peer import Family, KeptPeer

_NAME_SIZE: Final = {4: 16, 6: 28}  # sockaddr_in, sockaddr_in6
_PACKET_INFO_SIZE: Final = {4: 12, 6: 20}  # in_pktinfo, in6_pktinfo


class _Vector(ctypes.Structure):
    """struct iovec."""

    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class _Header(ctypes.Structure):
    """struct msghdr."""

    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint32),
        ("vectors", ctypes.c_void_p),
        ("vector_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Message(ctypes.Structure):
    """struct mmsghdr."""

    _fields_ = (("header", _Header), ("length", ctypes.c_uint32))


class _ControlHeader(ctypes.Structure):
    """struct cmsghdr."""

    _fields_ = (("length", ctypes.c_size_t), ("level", ctypes.c_int), ("type", ctypes.c_int))


_WORD: Final = ctypes.sizeof(ctypes.c_size_t)
_CONTROL_DATA: Final = ctypes.sizeof(_ControlHeader)
_MESSAGE_SIZE: Final = ctypes.sizeof(_Message)
_VECTOR_SIZE: Final = ctypes.sizeof(_Vector)


def _system_calls() -> tuple[Any, Any] | None:
    """recvmmsg and sendmmsg, or None where the C library has none.

    PyDLL keeps the interpreter's lock over the call: these never block, and giving the lock away between two of them
    would let another thread hold up a whole batch of replies.
    """
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.PyDLL(None, use_errno=True)
    try:
        return library.recvmmsg, library.sendmmsg
    except AttributeError:
        return None


_calls: Final = _system_calls()
AVAILABLE: Final = _calls is not None


class SlotPeer:
    """The asker of the datagram in one slot: decodes the kernel's bytes when an attribute is read, and only then."""

    __slots__ = ("_control", "_fixed_local_address", "_name", "family", "local_port", "sockaddr")

    protocol: Final = "udp"

    def __init__(
        self, family: Family, name: memoryview, control: memoryview, local_address: str | None, local_port: int
    ) -> None:
        self.family: Final = family
        self.local_port: Final = local_port
        self._name = name
        self.sockaddr: Final = name[2:8] if family == 4 else name[2:24]
        self._control = control
        self._fixed_local_address = local_address

    @property
    def address(self) -> str:
        if self.family == 4:
            return socket.inet_ntop(socket.AF_INET, self._name[4:8])
        return socket.inet_ntop(socket.AF_INET6, self._name[8:24])

    @property
    def port(self) -> int:
        return self._name[2] << 8 | self._name[3]

    @property
    def local_address(self) -> str:
        if self._fixed_local_address is not None:
            return self._fixed_local_address
        data = self._control[_CONTROL_DATA:]
        if self.family == 4:
            return socket.inet_ntop(socket.AF_INET, data[4:8])  # ipi_spec_dst: ours also where a broadcast was asked
        return socket.inet_ntop(socket.AF_INET6, data[:16])

    def keep(self) -> KeptPeer:
        return KeptPeer("udp", self.family, self.address, self.port, self.local_address, self.local_port)

    def return_path(self) -> ReturnPath:
        """Where and from where to reply after the slot has been used again."""
        name = self._name
        if self.family == 4:
            address: tuple[Any, ...] = (self.address, self.port)
        else:
            address = (self.address, self.port, 0, int.from_bytes(name[24:28], sys.byteorder))
        if self._fixed_local_address is not None:
            return ReturnPath(address, [])
        info = bytes(self._control[_CONTROL_DATA:][: _PACKET_INFO_SIZE[self.family]])
        if self.family == 4:
            return ReturnPath(address, [(socket.IPPROTO_IP, IP_PKTINFO, ip_packet_info(info[4:8]))])
        return ReturnPath(address, [(socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, info)])


class Batch:
    """The memory of up to `limits.UDP_BATCH` datagrams of one socket, and the two system calls on it.

    `receive` fills the first slots; `views[slot]` is then the datagram and, cut to a length in `sizes[slot]`, the
    reply; `peers[slot]` who asked. `send` sends slots, `close_gaps` first when some have no reply.
    """

    def __init__(self, sock: socket.socket, family: Family, local_address: str | None, local_port: int) -> None:
        if _calls is None:
            raise RuntimeError("this system has no recvmmsg; see AVAILABLE")
        self._receive_messages, self._send_messages = _calls
        self._socket = sock.fileno()
        slots, capacity = limits.UDP_BATCH, limits.UDP_QUERY_SIZE
        info_size = _PACKET_INFO_SIZE[family]
        control_size = 0 if local_address is not None else _CONTROL_DATA + -(-info_size // _WORD) * _WORD  # CMSG_SPACE
        name_size = _NAME_SIZE[family]

        vectors = slots * _MESSAGE_SIZE
        names = vectors + slots * _VECTOR_SIZE
        controls = names + slots * name_size + -(slots * name_size) % _WORD
        datagrams = controls + slots * control_size
        memory = bytearray(datagrams + slots * capacity)
        start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
        for slot, message in enumerate((_Message * slots).from_buffer(memory)):
            header = message.header
            header.name, header.name_length = start + names + slot * name_size, name_size
            header.vectors, header.vector_count = start + vectors + slot * _VECTOR_SIZE, 1
            if control_size:
                header.control, header.control_length = start + controls + slot * control_size, control_size
        for slot, vector in enumerate((_Vector * slots).from_buffer(memory, vectors)):
            vector.base, vector.length = start + datagrams + slot * capacity, capacity

        view = memoryview(memory)
        self._headers = view[:names]
        self._fresh = bytes(self._headers)
        self._addresses = [ctypes.c_void_p(start + slot * _MESSAGE_SIZE) for slot in range(slots)]
        self.capacity = capacity
        self.lengths = view[:vectors].cast("I")[_Message.length.offset // 4 :: _MESSAGE_SIZE // 4]
        self.sizes = view[vectors:names].cast("L")[1::2]
        self.views = [view[datagrams + slot * capacity :][:capacity] for slot in range(slots)]
        self.peers = [
            SlotPeer(
                family,
                view[names + slot * name_size :][:name_size],
                view[controls + slot * control_size :][:control_size],
                local_address,
                local_port,
            )
            for slot in range(slots)
        ]
        self._interfaces: memoryview | None = None
        if family == 4 and control_size:
            self._interfaces = view[controls:datagrams].cast("I")[_CONTROL_DATA // 4 :: control_size // 4]
            self._no_interface = memoryview(bytearray(4 * slots)).cast("I")

    def receive(self) -> int:
        """Reads what is there; the number of datagrams, 0 if none. Errors of earlier replies are nobody's here."""
        self._headers[:] = self._fresh
        count: int = self._receive_messages(self._socket, self._addresses[0], limits.UDP_BATCH, 0, None)
        return max(count, 0)

    def close_gaps(self, count: int, gaps: list[int]) -> int:
        """Moves the headers of the first `count` slots together, those in `gaps` left out; how many remain."""
        headers, size, remaining = self._headers, _MESSAGE_SIZE, 0
        for slot in range(count):
            if slot not in gaps:
                headers[remaining * size : (remaining + 1) * size] = headers[slot * size : (slot + 1) * size]
                remaining += 1
        return remaining

    def send(self, first: int, count: int) -> int:
        """Sends the slots from `first` up to `count`; how many went, or the negative errno of the first of them."""
        if self._interfaces is not None:  # the source address is kept, the interface is for the routes to choose
            self._interfaces[:] = self._no_interface
        sent: int = self._send_messages(self._socket, self._addresses[first], count - first, 0)
        return sent if sent > 0 else -ctypes.get_errno()
