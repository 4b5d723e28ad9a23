"""Known vulnerabilities: a mirror of OSV advisories in one file, and who they concern."""
