"""The pages: for each template a frozen dataclass of everything that it may use."""
