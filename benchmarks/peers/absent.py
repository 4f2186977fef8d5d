"""What a peer says when it cannot be run here."""


class NotRunError(RuntimeError):
    """The peer or the option is not there; the message says what is missing."""
