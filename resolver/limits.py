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
