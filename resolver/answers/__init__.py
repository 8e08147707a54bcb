"""The hot path: finished replies, kept by what they depend on. Pure."""
