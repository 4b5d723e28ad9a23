"""The automated checks of a connector: pure of server and database, so they run anywhere.

`connectory vet` runs them on a laptop, the marketplace when a version is published:
the same table, the same code, the same findings.
"""
