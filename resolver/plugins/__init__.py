"""The chain: one file a plugin, their order in chain.py."""
