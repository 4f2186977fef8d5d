"""Every error that Bailiwick raises on purpose, as one tree.

    BailiwickError                  code, message, hint
    ├── InputError                  the input cannot be used (exit 2, HTTP 422)
    │   ├── EmptyInputError         no bytes, or no rows
    │   ├── UnreadableInputError    not a file of a kind that we read
    │   ├── MissingColumnError      a needed column is not there
    │   ├── NothingLocatedError     no account could be placed on the map
    │   └── GeometryError           a boundary, cell or polygon is unusable
    ├── OptionError                 an option, or several together, is unusable (exit 2, HTTP 422)
    ├── PlanFilesError              a plan's directory is missing files or malformed (exit 2)
    ├── NotFoundError               no such dataset, plan, job or territory (HTTP 404)
    ├── ConflictError               not possible in the present state (HTTP 409)
    └── InternalInvariantError      a defect of ours, caught before it could do harm (HTTP 500)

Each class has a stable `code`; `docs/errors.md` has a section for each.
"""

from typing import ClassVar


class BailiwickError(Exception):
    """Base of all deliberate errors: what is wrong (`message`) and how to mend it (`hint`)."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InputError(BailiwickError):
    """The input cannot be used."""

    code = "unusable_input"


class EmptyInputError(InputError):
    """The input has no bytes, or no rows."""

    code = "empty_input"


class UnreadableInputError(InputError):
    """The input is not a file of a kind that we read, or it is damaged."""

    code = "unreadable_input"


class MissingColumnError(InputError):
    """A column that is needed is not there."""

    code = "missing_column"


class NothingLocatedError(InputError):
    """No account could be placed on the map."""

    code = "nothing_located"


class GeometryError(InputError):
    """A boundary, cell id or polygon is unusable."""

    code = "unusable_geometry"


class OptionError(BailiwickError):
    """An option, or a combination of options, is unusable."""

    code = "unusable_option"


class PlanFilesError(BailiwickError):
    """A plan's directory is missing files, or one of them is malformed."""

    code = "unusable_plan_files"


class NotFoundError(BailiwickError):
    """There is no such dataset, plan, job or territory."""

    code = "not_found"


class ConflictError(BailiwickError):
    """The request is not possible in the present state."""

    code = "conflict"


class InternalInvariantError(BailiwickError):
    """A defect of ours, caught before it could do harm."""

    code = "internal_invariant"
