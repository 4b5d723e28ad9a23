"""What other policies would change: for every version and every instance, by team."""
