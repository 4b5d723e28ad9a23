"""Keeps a table of a database equal to the leads of a CRM."""
