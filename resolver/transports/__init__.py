"""Sockets: everything between a kernel and the core's `answer(packet, peer)`."""
