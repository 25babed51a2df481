"""Plain text as text of XML and HTML, for MathML and for pages."""

from __future__ import annotations

import re
from html import escape
from typing import Final

_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """Return text escaped for XML and HTML; characters that XML cannot hold become the replacement character."""
    return escape(_NOT_XML.sub("\ufffd", text))
