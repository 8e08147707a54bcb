"""The Corefile: its text, server blocks, keys and typed settings. Pure: files come through a passed-in reader."""
