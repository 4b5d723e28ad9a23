"""Looks at a page at regular intervals. Start it with `python -m <<module>>`."""
