"""Compares AWS costs with a budget. Start it with `python -m cost_monitor`."""
