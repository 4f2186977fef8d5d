"""Names as people write them, brought to one form so that they can be compared."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

# letters that Unicode does not decompose into a base letter and an accent
_LETTERS: Final = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ə": "e"}
)
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
# short forms of words, as the US Postal Service and CRM users write them
_LONG: Final = {
    "st": "saint", "sankt": "saint", "ste": "sainte", "ft": "fort", "mt": "mount",
    "mtn": "mountain", "n": "north", "s": "south", "e": "east", "w": "west", "hts": "heights",
    "hgts": "heights", "spgs": "springs", "spg": "spring", "bch": "beach", "vlg": "village",
    "jct": "junction", "twp": "township", "ctr": "center", "centre": "center", "is": "island",
    "pt": "point", "prt": "port", "lk": "lake", "lks": "lakes", "and": "",
}  # fmt: skip
_STOP_IN_NAME: Final = re.compile(r"\.(?=\w\w)")
_APOSTROPHES: Final = dict.fromkeys(map(ord, "'’‘`ʼ"))
_WORD: Final = re.compile(r"[^\W_]+")
_LATIN_END: Final = "\u024f"  # last letter of the Latin blocks that names in the tables use


def plain(text: str) -> str:
    """Lower case without accents, full stops or apostrophes; words apart by one blank."""
    folded = text.casefold()
    if not folded.isascii():
        folded = unicodedata.normalize("NFKD", folded).translate(_LETTERS)
        folded = "".join(c for c in folded if not unicodedata.combining(c))
    # "U.S.A." is one word, "St.Gallen" is two
    if "." in folded:
        folded = _STOP_IN_NAME.sub(" ", folded).replace(".", "")
    folded = folded.translate(_APOSTROPHES)
    return " ".join(_WORD.findall(folded))


def _squeezed(words: str) -> str:
    return "".join(_LONG.get(word, word) for word in words.split()) or words


@lru_cache(maxsize=1 << 16)
def key(text: str) -> str:
    """The form under which a name is looked up.

    Short forms of words are equal to the long ones, and blanks do not count: "Saint Louis",
    "St. Louis" and "ST LOUIS" have one key, and so have "De Kalb" and "DeKalb".
    """
    return _squeezed(plain(text))


def keys_of_name(name: str) -> tuple[str, ...]:
    """Every key under which a name of a table is to be found: "Münster" as munster and muenster."""
    if name.isascii() and name.isalpha():  # most names; the general way takes five times as long
        word = name.lower()
        return (_LONG.get(word) or word,)
    short = _squeezed(plain(name))
    if name.isascii() or not is_latin(name):
        return (short,) if short else ()
    long = _squeezed(plain(unicodedata.normalize("NFC", name).casefold().translate(_UMLAUTS)))
    return tuple(k for k in dict.fromkeys((short, long)) if k)


def is_latin(text: str) -> bool:
    """Whether `text` is written in Latin letters throughout."""
    return text.isascii() or max(text) <= _LATIN_END
