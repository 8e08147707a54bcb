"""How each kind is written that is no Service: defaults, validation, what changes with it (pkg/registry)."""
