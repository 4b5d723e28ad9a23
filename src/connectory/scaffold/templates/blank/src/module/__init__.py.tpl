"""Greets whoever it is told about. Start it with `python -m <<module>>`."""
