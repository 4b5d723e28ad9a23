"""What the names of rules mean, exactly as conftest takes them."""

import re

FAILURE = re.compile(r"(?:deny|violation)(?:_[a-zA-Z0-9]+)*")
WARNING = re.compile(r"warn(?:_[a-zA-Z0-9]+)*")
KIND = re.compile(r"^(?:deny|violation|warn)_?")
TEST = re.compile(r"(?:todo_)?test_.*")


def last(rule: str) -> str:
    """Return the name of a rule without its package."""
    return rule.rpartition(".")[2]


def is_failure(rule: str) -> bool:
    """Whether what a rule says denies."""
    return FAILURE.fullmatch(last(rule)) is not None


def is_heard(rule: str) -> bool:
    """Whether a rule says something of connectors: it denies or warns."""
    return is_failure(rule) or WARNING.fullmatch(last(rule)) is not None


def is_test(rule: str) -> bool:
    """Whether a rule tests others."""
    return last(rule).startswith("test_")


def is_exception(rule: str) -> bool:
    """Whether a rule takes others back."""
    return last(rule) == "exception"


def is_asked(rule: str) -> bool:
    """Whether anybody asks a rule by its name."""
    return is_heard(rule) or is_exception(rule) or TEST.fullmatch(last(rule)) is not None


def excepted(rule: str) -> str:
    """Return how an exception names a rule: without its kind."""
    return KIND.sub("", last(rule))
