"""The one place that wires everything: start, reload, drain."""
