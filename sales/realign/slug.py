"""Directory names of scenarios."""

import re
import unicodedata
from collections.abc import Sequence

from geo.errors import OptionError

_LONGEST = 60


def slugs(names: Sequence[str]) -> list[str]:
    """A name that any file system takes for each scenario; raises OptionError where two are one."""
    found: list[str] = []
    for name in names:
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
        slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST].strip("-")
        if not slug:
            raise OptionError(
                f"“{name}” is no name for a scenario", hint="Use some letters or digits."
            )
        if slug in found:
            raise OptionError(
                f"two scenarios are called “{name}”, or nearly so", hint="Name them apart."
            )
        found.append(slug)
    return found
