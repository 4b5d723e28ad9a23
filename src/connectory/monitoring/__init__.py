"""What instances report, kept and handed on: numbers, alert rules, other monitoring systems."""
