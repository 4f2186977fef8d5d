"""Fetch the basemap's files again from their npm packages, and check that they are the same."""

import hashlib
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

BASEMAP = Path(__file__).resolve().parent.parent / "data" / "basemap"


@dataclass(frozen=True)
class Source:
    package: str
    version: str
    file: str
    sha256: str


SOURCES = (
    Source(
        "world-atlas",
        "2.0.2",
        "countries-50m.json",
        "04342cdc1e3016bcd7db1630de95684d67b79fe3c8c460321e87aef469502394",
    ),
    Source(
        "us-atlas",
        "3.0.1",
        "states-10m.json",
        "d76b391ccfa8bff601d51e3e3da5d43a89fa46cd5caca72ce731b383be5596d0",
    ),
)


def fetch(source: Source, folder: Path) -> bytes:
    """The file out of the package's archive. Raises SystemExit where it is another one."""
    package = f"{source.package}@{source.version}"
    subprocess.run(["npm", "pack", "--silent", package], cwd=folder, check=True)
    with tarfile.open(folder / f"{source.package}-{source.version}.tgz") as archive:
        member = archive.extractfile(f"package/{source.file}")
        content = member.read() if member else b""
    found = hashlib.sha256(content).hexdigest()
    if found != source.sha256:
        sys.exit(f"{source.file} of {package} has sha256 {found}, not {source.sha256}")
    return content


def main() -> None:
    BASEMAP.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for source in SOURCES:
            content = fetch(source, Path(folder))
            (BASEMAP / source.file).write_bytes(content)
            print(f"{source.file}: {len(content):,} bytes")


if __name__ == "__main__":
    main()
