"""One line of delimited text whose quotes are broken, read as well as can be."""


def forgiving_split(text: str, delimiter: str, width: int, *, lines: int) -> list[str] | None:
    """Fields of a record that the strict reader refused, or None where it is no record.

    A quote counts as closing only before a delimiter or at the end. A record of more than one of
    the file's `lines` must have `width` fields and no quote that opens within another: two rows
    are never taken for one.
    """
    text = text.rstrip("\r\n")
    fields, clean = _split(text, delimiter)
    if lines > 1:
        return fields if clean and len(fields) == width else None
    if clean and len(fields) == width:
        return fields
    plain = [_unquoted(field) for field in text.split(delimiter)]
    return plain if len(plain) == width else fields


def _split(text: str, delimiter: str) -> tuple[list[str], bool]:
    """Fields, and whether each quoted one was closed without another opening inside."""
    fields: list[str] = []
    clean, start, step = True, 0, len(delimiter)
    while True:
        if text.startswith('"', start):
            end = _closing(text, start + 1, delimiter)
            if end >= 0:
                value = text[start + 1 : end]
                clean = clean and delimiter + '"' not in value and '\n"' not in value
                fields.append(value.replace('""', '"'))
                start = end + 1 + step
                if end + 1 >= len(text):
                    return fields, clean
                continue
            clean = False
        end = text.find(delimiter, start)
        if end < 0:
            fields.append(_unquoted(text[start:]))
            return fields, clean
        fields.append(_unquoted(text[start:end]))
        start = end + step


def _closing(text: str, start: int, delimiter: str) -> int:
    """Where the quoted field that began before `start` ends, or -1."""
    at = text.find('"', start)
    while at >= 0:
        if text.startswith('""', at) and not text.startswith(delimiter, at + 1):
            if at + 2 >= len(text):
                return at + 1
            at = text.find('"', at + 2)
            continue
        if at + 1 == len(text) or text.startswith(delimiter, at + 1):
            return at
        at = text.find('"', at + 1)
    return -1


def _unquoted(field: str) -> str:
    return field.removeprefix('"').removesuffix('"').replace('""', '"')
