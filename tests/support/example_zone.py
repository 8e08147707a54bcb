"""The upstream of the recorded answers: a few names of example.org and example.com, NXDOMAIN for the rest."""

import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

_ADDRESSES = {
    "www.example.org.": {"A": ["198.51.100.7"], "AAAA": ["2001:db8:7::7", "2001:db8:7::8"]},
    "example.org.": {"A": ["198.51.100.1"], "AAAA": ["2001:db8:7::1"], "MX": ["10 www.example.org."]},
    "v4.example.org.": {"A": ["198.51.100.4"]},
    "v6.example.org.": {"AAAA": ["2001:db8:7::6"]},
    "a.b.example.com.": {"A": ["198.51.100.99"], "AAAA": ["2001:db8:7::99"]},
}
_ALIASES = {"alias.example.org.": "www.example.org."}
_SOA = "ns.example.org. admin.example.org. 7 7200 1800 86400 30"


def respond(packet: bytes, network: str) -> list[bytes]:
    """One whole reply, RA set, as tests/support/stub_upstream.py wants it."""
    query = dns.message.from_wire(packet)
    reply = dns.message.make_response(query, recursion_available=True)
    owner, wanted = query.question[0].name, dns.rdatatype.to_text(query.question[0].rdtype)
    known = str(owner).lower()
    target = _ALIASES.get(known)
    if target is not None:
        reply.answer.append(dns.rrset.from_text(owner, 300, "IN", "CNAME", target))
        if wanted != "CNAME":
            owner, known = dns.name.from_text(target), target
    records = _ADDRESSES.get(known)
    if records is not None and records.get(wanted):
        reply.answer.append(dns.rrset.from_text(owner, 300, "IN", wanted, *records[wanted]))
    elif records is None and target is None:
        reply.set_rcode(dns.rcode.NXDOMAIN)
    if not reply.answer:
        reply.authority.append(dns.rrset.from_text("example.org.", 60, "IN", "SOA", _SOA))
    return [reply.to_wire()]
