"""The admin HTTP API of a running server, and its client: questions asked, counters, index, faults, explain, reload."""
