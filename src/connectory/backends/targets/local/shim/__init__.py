"""Supervises one generation of one instance; outlives the server that started it.

These modules import each other, the standard library, and the rules of `gates.addresses`, which
are pure; nothing else. What runs is a copy of them in one file, named by its digest:
`python -I -S <copy> <instance folder>`. So an upgrade of Connectory never changes code under a
running instance.
"""
