from resolver.answers.received import reply_of
from resolver.wire import codes
from resolver.wire.message import Message, Opt, Question
from resolver.wire.reply import Record

NAME = b"\x03web\x04shop\x00"
ADDRESS = Record(NAME, codes.A, codes.IN, 30, b"\x0a\0\0\x01")


def message(flags: int, rcode: int = codes.NOERROR, opt: Opt | None = None) -> Message:
    return Message(7, flags, rcode, (Question(NAME, codes.A, codes.IN),), [ADDRESS], [], [ADDRESS], opt)


def test_the_reply_has_the_records_and_the_flags_that_the_sender_set() -> None:
    flags = codes.RD | codes.RA | codes.AA | codes.AD | codes.CD | codes.Z
    reply = reply_of(message(codes.QR | flags))
    assert reply.flags == flags
    assert reply.sections == ([ADDRESS], [], [ADDRESS])
    assert reply.depends is None


def test_the_rcode_keeps_the_bits_of_the_opt_and_the_options_stay() -> None:
    reply = reply_of(message(codes.QR, codes.BADVERS, Opt(1232, 0, 0, b"\0\x03\0\0")))
    assert (reply.rcode, reply.options, reply.opt_size) == (codes.BADVERS, b"\0\x03\0\0", 15)


def test_without_an_opt_there_are_no_options() -> None:
    reply = reply_of(message(codes.QR | codes.TC))
    assert (reply.options, reply.opt_size) == (b"", 0)
