"""Whether a version deserves to be approved: what the checks say of its bytes."""
