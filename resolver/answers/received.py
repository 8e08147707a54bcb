"""Replies of other servers as outcomes of our chain."""

from typing import Final

from resolver.answers.outcome import Reply
from resolver.wire import codes
from resolver.wire.edns import OPT_SIZE
from resolver.wire.message import Message

_KEPT: Final = codes.AA | codes.TC | codes.RD | codes.RA | codes.Z | codes.AD | codes.CD


def reply_of(message: Message) -> Reply:
    """The message as a reply to the same question: flags, rcode, records and EDNS options unchanged.

    Observers are told its size with the OPT it came with, as CoreDNS's are.
    It holds for this one time (`depends` is None). The lists are the message's own.
    """
    reply = Reply(message.rcode, message.flags & _KEPT, message.answer, message.authority, message.additional)
    if message.opt is not None:
        reply.options = message.opt.options
        reply.opt_size = OPT_SIZE + len(message.opt.options)
    return reply
