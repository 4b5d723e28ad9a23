"""Posts what it is told to a Slack channel. Start it with `python -m <<module>>`."""
