"""The language: names, questions, EDNS, records and replies in wire form. Pure."""
