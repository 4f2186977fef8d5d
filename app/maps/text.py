"""The two doors through which text of unknown origin enters a page.

Names of accounts, territories and reps are hostile until shown otherwise: quotes, markup, template
literals, half a surrogate pair. They reach the page as JSON inside a data block, and the page's own
script shows them with `textContent`; nothing else is ever pasted into markup or script.
"""

import html
import json
from typing import Any

# Inside <script>, "</script" and "<!--" would end or confuse the block: no "<" is left to do so.
_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def script_json(value: Any) -> str:
    """`value` as JSON that is inert inside a `<script>` block, in plain ASCII.

    Raises ValueError on NaN and infinity, which JSON does not know.
    """
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.translate(_ESCAPES)


def html_text(text: str) -> str:
    """`text` fit for element content and quoted attributes, inert in JavaScript strings too.

    Beside HTML's five, everything that could open a template literal becomes a numeric entity;
    lone surrogates and control characters, which no file could carry, become U+FFFD.
    """
    clean = "".join(
        "\N{REPLACEMENT CHARACTER}"
        if 0xD800 <= ord(char) <= 0xDFFF or (ord(char) < 32 and char not in "\t\n\r")
        else char
        for char in text
    )
    escaped = html.escape(clean, quote=True)
    return "".join(f"&#{ord(char)};" if char in "`$\\{}" else char for char in escaped)
