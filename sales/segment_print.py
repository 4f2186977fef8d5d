"""One number for everything that a segmented plan is, recomputable from its files."""

import hashlib
import json

from sales.plan import PlanBundle


def segment_fingerprint(bundle: PlanBundle) -> str:
    """SHA-256 over the model, its lists, the members, the assignments and the parts, as hex."""
    digest = hashlib.sha256()

    def add(value: object) -> None:
        digest.update(json.dumps(value, sort_keys=True, ensure_ascii=True).encode())
        digest.update(b"\n")

    document = bundle.document
    provenance = {k: v for k, v in document["provenance"].items() if k != "fingerprint"}
    add([provenance, document["segments"], document["reps"]])
    add([[t["id"], t["target"], t["rep"], t["segments"]] for t in document["territories"]])
    add(bundle.model)
    tables = [*sorted(bundle.lists.items()), ("members", bundle.members)]
    for name, table in tables:
        if table is not None:
            add([name, [[str(v) for v in table[column].tolist()] for column in table.columns]])
    add([[str(v) for v in bundle.assignments[c].tolist()] for c in bundle.assignments.columns])
    for name, part in sorted(bundle.parts.items()):
        add([name, part.document["provenance"]["fingerprint"]])
    return digest.hexdigest()
