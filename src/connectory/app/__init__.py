"""The server, put together: routes, backends, background work."""
