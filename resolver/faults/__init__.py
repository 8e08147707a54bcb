"""Faults: what goes wrong on purpose, for whom and how often. Pure: clocks are arguments, chance is a seed."""
