"""A self-hosted marketplace for the connectors of one organisation."""

__version__ = "0.1.0"
