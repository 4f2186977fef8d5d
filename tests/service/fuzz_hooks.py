"""Keeps Schemathesis from ending the key that it asks with: all after that would be 401."""

import os
from typing import Any

import schemathesis

KEY = "FUZZ_KEY"  # the variable with the key


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: dict[str, Any]) -> None:
    """Name another key where it would revoke its own."""
    if case.method == "DELETE" and case.path == "/v1/keys/{prefix}":
        own = os.environ[KEY].split("_")[1]
        if own in str(case.path_parameters.get("prefix")):
            case.path_parameters["prefix"] = "another"
