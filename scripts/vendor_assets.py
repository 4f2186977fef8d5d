"""Fetch the map's JavaScript and CSS from npm, by exact version, into the package.

Run `python scripts/vendor_assets.py` after changing a version below; commit what it writes.
"""

import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "app" / "web" / "static" / "vendor"


@dataclass(frozen=True, slots=True)
class NpmPackage:
    """The files that we take from one package: path in the archive → path beside the manifest."""

    name: str
    version: str
    license: str
    files: dict[str, str]


PACKAGES = (
    NpmPackage(
        "leaflet",
        "1.9.4",
        "BSD-2-Clause",
        {
            "dist/leaflet.js": "leaflet.js",
            "dist/leaflet.css": "leaflet.css",
            "dist/images/layers.png": "images/layers.png",
            "dist/images/layers-2x.png": "images/layers-2x.png",
            "dist/images/marker-icon.png": "images/marker-icon.png",
            "LICENSE": "LICENSE",
        },
    ),
    NpmPackage(
        "leaflet.markercluster",
        "1.5.3",
        "MIT",
        {
            "dist/leaflet.markercluster.js": "leaflet.markercluster.js",
            "dist/MarkerCluster.css": "MarkerCluster.css",
            "MIT-LICENCE.txt": "LICENSE",
        },
    ),
    NpmPackage(
        "leaflet.fullscreen",
        "3.0.2",
        "MIT",
        {
            "Control.FullScreen.js": "Control.FullScreen.js",
            "Control.FullScreen.css": "Control.FullScreen.css",
            "icon-fullscreen.svg": "icon-fullscreen.svg",
            "LICENSE": "LICENSE",
        },
    ),
    NpmPackage(
        "h3-js",
        "4.5.0",
        "Apache-2.0",
        {"dist/h3-js.umd.js": "h3-js.umd.js", "LICENSE": "LICENSE", "NOTICE": "NOTICE"},
    ),
    NpmPackage(
        "topojson-client",
        "3.1.0",
        "ISC",
        {"dist/topojson-client.min.js": "topojson-client.min.js", "LICENSE": "LICENSE"},
    ),
)


def fetch(package: NpmPackage, scratch: Path) -> dict[str, str]:
    """Write the package's files; return path → sha256."""
    command = ["npm", "pack", "--silent", f"{package.name}@{package.version}"]
    subprocess.run(command, cwd=scratch, check=True, stdout=subprocess.DEVNULL)
    target = VENDOR / package.name
    shutil.rmtree(target, ignore_errors=True)
    sums: dict[str, str] = {}
    with tarfile.open(scratch / f"{package.name}-{package.version}.tgz") as archive:
        for source, destination in package.files.items():
            member = archive.extractfile(f"package/{source}")
            if member is None:
                raise FileNotFoundError(f"{package.name}@{package.version} has no {source}")
            content = member.read()
            path = target / destination
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            sums[f"{package.name}/{destination}"] = hashlib.sha256(content).hexdigest()
    return sums


def main() -> None:
    """Fetch everything anew and write the manifest."""
    manifest = []
    with tempfile.TemporaryDirectory() as scratch:
        for package in PACKAGES:
            sums = fetch(package, Path(scratch))
            manifest.append(
                {
                    "package": package.name,
                    "version": package.version,
                    "license": package.license,
                    "sha256": dict(sorted(sums.items())),
                }
            )
            print(f"{package.name} {package.version}: {len(sums)} files")
    (VENDOR / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
