"""The encoding of a text file, decided by its bytes alone."""

import codecs
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from charset_normalizer import from_bytes

_CONTROLS: Final = bytes(set(range(1, 0x1A)) - {9, 10, 11, 12, 13})  # separators are text
_BLOCK: Final = 1 << 20
_HANDLER: Final = "bailiwick-windows-1252"
_MIXED: Final = "bytes that are not UTF-8 were read as Windows-1252"


@dataclass(frozen=True, slots=True)
class Encoding:
    """`name` and `errors` as for `bytes.decode`; `doubt` says in words what was guessed, or ""."""

    name: str
    errors: str = "replace"
    doubt: str = ""


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    """Read the bytes that are no UTF-8 as Windows-1252, so that a mixed file keeps its letters."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(_HANDLER, _as_windows_1252)


def detect_encoding(data: bytes) -> Encoding | None:
    """The encoding of `data` (a file, or its beginning), or None where it is not text.

    A byte order mark decides; else UTF-16 shows by its zero bytes; else UTF-8 if it is valid;
    else Windows-1252, unless so many bytes are beyond ASCII that the script cannot be Latin.
    """
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return Encoding("utf-32")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Encoding("utf-16")
    if data.startswith(codecs.BOM_UTF8):
        return _mixed(data) or Encoding("utf-8-sig")
    if wide := _utf16_without_mark(data):
        return wide
    controls = len(data) - len(data.translate(None, _CONTROLS))
    if controls > 0.02 * len(data) or data.count(0) > 0.1 * len(data):
        return None
    return _mixed(data) or Encoding("utf-8")


def encoding_of(path: Path) -> Encoding | None:
    """The encoding of a whole file, read once in blocks; None where it is not text."""
    with path.open("rb") as file:
        found = detect_encoding(file.read(_BLOCK))
        if found is None or found.doubt or not found.name.startswith("utf-8"):
            return found
        decoder = codecs.getincrementaldecoder("utf-8")()
        file.seek(0)
        while block := file.read(_BLOCK):
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                return _mixed(block) or Encoding(found.name, _HANDLER, _MIXED)
    return found


def _utf16_without_mark(data: bytes) -> Encoding | None:
    sample = data[: 1 << 16]
    half = len(sample) // 2
    if half < 4:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 0.4 * half and even < 0.05 * half:
        return Encoding("utf-16-le", doubt="UTF-16 without a byte order mark")
    if even > 0.4 * half and odd < 0.05 * half:
        return Encoding("utf-16-be", doubt="UTF-16 without a byte order mark")
    return None


def _mixed(data: bytes) -> Encoding | None:
    """What to do with bytes that are not valid UTF-8; None where they are."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)  # a cut at the end is no error
    except UnicodeDecodeError as error:
        sample = data[max(0, error.start - 2000) :][: 1 << 15]
    else:
        return None
    beyond = sum(byte >= 0x80 for byte in sample)
    letters = sum(chr(byte).isalpha() for byte in sample if byte < 0x80) + beyond
    if beyond > 0.25 * letters and beyond >= 20 and (other := _other_script(sample)):
        return Encoding(other, doubt=f"the text looks like {other}")
    mark = data.startswith(codecs.BOM_UTF8)
    return Encoding("utf-8-sig" if mark else "utf-8", _HANDLER, _MIXED)


def _other_script(sample: bytes) -> str | None:
    best = from_bytes(sample).best()
    if best is None or best.encoding in ("utf_8", "ascii", "cp1252", "latin_1"):
        return None
    try:
        return codecs.lookup(best.encoding).name
    except LookupError:
        return None
