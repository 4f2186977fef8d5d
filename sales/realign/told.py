"""Errors that say where they are from."""

from geo.errors import BailiwickError


def told(error: BailiwickError, where: str) -> BailiwickError:
    """The same error with `where` before its message."""
    error.message = f"{where}: {error.message}"
    error.args = (error.message, *error.args[1:])
    return error
