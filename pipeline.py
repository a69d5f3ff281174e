"""The way of a letter."""


def main() -> int:
    return 0
