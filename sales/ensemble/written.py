"""The files of an ensemble: ensemble.json and the plots."""

import json
from collections.abc import Mapping
from typing import Any


def ensemble_files(document: Mapping[str, Any]) -> dict[str, bytes]:
    """File name → bytes, without a clock in them."""
    from sales.ensemble.chart import charts

    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    return {"ensemble.json": text.encode("utf-8", "backslashreplace") + b"\n"} | charts(document)
