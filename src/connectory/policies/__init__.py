"""Which rules the organisation judges by: bundles by digest, and the one that is active."""
