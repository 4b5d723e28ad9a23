"""Columns that many tables have."""

import sqlalchemy as sa


def texts(*names: str) -> list[sa.Column[str]]:
    """Return columns of text that is always there."""
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]
