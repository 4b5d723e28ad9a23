"""Signed statements about versions: written by a server, verified anywhere, also offline."""
