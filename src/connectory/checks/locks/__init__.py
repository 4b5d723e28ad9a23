"""Readers of the files in which package managers write down what they install."""
