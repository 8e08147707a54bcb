"""Every limit of the program: its name, value, unit and reason, in one place.

A limit that a user can set has a default here and its bounds beside it.
"""

from typing import Final

# -- messages ---------------------------------------------------------------------------------------------------------
HEADER_SIZE: Final = 12  # bytes; RFC 1035 §4.1.1
NAME_SIZE: Final = 255  # bytes of a name on the wire, RFC 1035 §2.3.4
LABEL_SIZE: Final = 63  # bytes of one label, RFC 1035 §2.3.4
UDP_REPLY_SIZE: Final = 512  # bytes without EDNS, RFC 1035 §2.3.4; an EDNS size below it counts as it (RFC 6891 §6.2.5)
MESSAGE_SIZE: Final = 65_535  # bytes; what the two-byte length of a TCP frame can say
UDP_QUERY_SIZE: Final = 4_096  # bytes read of a UDP query; a sane query is far below, padding to 4,096 is not refused

# -- the cluster ------------------------------------------------------------------------------------------------------
PORT: Final = 65_535  # the highest port number; a Kubernetes port outside 1..65535 is refused by the API server itself
SHARED_VALUES: Final = 300_000  # names and port lists kept once for all objects; begun anew above this, never wrong

# -- transports -------------------------------------------------------------------------------------------------------
UDP_BATCH: Final = 64  # datagrams of one recvmmsg; a system call's price is a hundredth of its work well before that
UDP_ROUNDS: Final = 8  # batches of one wake-up: at most about 4 ms of answering before TCP and the watch get their turn
UDP_RECEIVE_BUFFER: Final = 4 << 20  # bytes asked of the kernel: bursts of thousands of queries wait instead of being lost
UDP_SEND_BUFFER: Final = 4 << 20  # bytes asked of the kernel: a batch of large replies fits whole
PENDING_REPLIES: Final = 4_096  # replies being waited for by one listener; about 5 KiB each, more would be 20 MiB of waiting
TCP_CONNECTIONS: Final = 900  # open at once over all listeners; leaves 100 of the usual 1,024 file descriptors to the rest
TCP_CHUNK: Final = 16_384  # bytes read at once: hundreds of pipelined queries; the buffer is shared by all connections
TCP_OUTPUT: Final = 65_536  # bytes of replies a connection may owe to the kernel before it is read no further
TCP_TURNS: Final = 32  # replies of one connection waiting behind one that is not known yet; then it is read no further
TCP_BACKLOG: Final = 256  # connections the kernel keeps until they are accepted, and the most accepted at one wake-up
TCP_FIRST_READ: Final = 3.0  # seconds for the first query, or the rest of a begun one, to arrive; CoreDNS's read timeout
TCP_WRITE: Final = 5.0  # seconds a client may leave its replies unread; CoreDNS's write timeout
TCP_IDLE: Final = 10.0  # seconds without a query after one; CoreDNS's idle timeout
TCP_SWEEP: Final = 0.05  # seconds between two looks at the deadlines, at least: a look costs a microsecond per 20 connections
PORT_TRIES: Final = 64  # numbers tried to find one free for UDP and TCP on every address asked for
LOG_LINE: Final = 240  # characters of a line about something that came from outside
STATUS_COMPRESS: Final = 1_400  # bytes of a status page from which gzip pays: what does not fit one packet

# -- the Corefile -----------------------------------------------------------------------------------------------------
SNIPPET_IMPORTS: Final = 10_000  # expansions of snippets in one Corefile; CoreDNS's cap against snippets in a circle
FILE_IMPORTS: Final = 100_000  # imports of files and globs in one Corefile; CoreDNS's cap against files in a circle
IMPORTED_TOKENS: Final = 1_000_000  # words brought in by imports; imports within imports multiply, real ones are hundreds
ENVIRONMENT_REFERENCES: Final = 1_000  # references replaced in one word: values may refer to each other in a circle
ENVIRONMENT_TEXT: Final = 1 << 20  # characters of a word after that: two references to itself double it each time
ZONE_TEXT: Final = 255  # bytes of a zone in presentation form; CoreDNS refuses longer ones before looking at escapes
