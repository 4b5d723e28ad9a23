"""What the measurements share: connectors, a server, a load and a table of bounds."""
