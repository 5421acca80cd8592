"""Plain text made safe for paper, and what keeps codes and numbers in order among right-to-left words.

Text is always data: no markup is read from it, control characters go, and no character in it can turn round or
cover what stands beside it.
"""

import re
from unicodedata import bidirectional, category

RTL_LANGUAGES = frozenset({"ar", "fa", "he", "ur"})
LRI, RLI, FSI, PDI = "\u2066", "\u2067", "\u2068", "\u2069"
LRM = "\u200e"
BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u2066\u2067\u2068\u2069")
# What is not drawn but tells where a line may break or which form a letter takes.
KEPT_FORMATS = BIDI_CONTROLS | frozenset("\u200b\u200c\u200d")
# Embeddings and overrides become isolates, which cannot turn digits round. The rest has no glyph in our faces and a
# plain spelling.
SPELLINGS = str.maketrans({
    "\u202a": LRI, "\u202b": RLI, "\u202d": FSI, "\u202e": FSI, "\u202c": PDI,
    "\r": "\n", "\v": "\n", "\f": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n", "\t": " ",
    "≤": "<=", "≥": ">=",
})  # fmt: skip
HARD_SPACES = frozenset("\u00a0\u2007\u202f")
MARKS_AT_MOST = 4
# What keeps its order inside Arabic, where the algorithm alone would turn "2026-04-01" and "500 mg" round: phone
# numbers, addresses of the net, measures, signed and compared numbers, dates and codes. Never a part of one:
# "345.678" alone would be torn off "12,345.678".
LTR_TOKEN = re.compile(
    r"(?<![A-Za-z0-9+])(?<![A-Za-z0-9][.,:/+-])(?:"
    r"\+\d[\d ()-]{4,20}\d"
    r"|[A-Za-z0-9][A-Za-z0-9._+-]{0,63}@[A-Za-z0-9.-]{1,200}[A-Za-z0-9]"
    r"|https?://[!-~]{0,500}[A-Za-z0-9/]"
    r"|(?:[+\-−±]|[<>]=? ?)?\d+(?:[.,]\d+)*[ \u00a0]?(?:%|[A-Za-zµμ°]{1,5}(?:/[A-Za-z0-9µμ.]+)?[²³]?)"
    r"|(?:[+\-−±]|[<>]=? ?)\d+(?:[.,]\d+)*"
    r"|(?=[A-Za-z-/_:+]{0,30}\d)[A-Za-z0-9]+(?:[-/.,_:+][A-Za-z0-9]+)+"
    r")(?![A-Za-z0-9])"
)


def is_rtl(language: str) -> bool:
    """Whether pages in `language` begin on the right."""
    return language.split("-")[0] in RTL_LANGUAGES


def ltr(text: str) -> str:
    """Return `text` isolated, so that a code or phone number keeps its order inside Arabic."""
    return f"{LRI}{''.join(char for char in text if char not in BIDI_CONTROLS)}{PDI}"


def clean(text: str) -> str:
    """Return `text` fit to be drawn: no control characters, single spaces, at most one empty line in a row."""
    kept: list[str] = []
    marks = 0
    for char in text.replace("\r\n", "\n").translate(SPELLINGS):
        kind = category(char)
        marks = marks + 1 if kind in ("Mn", "Me") else marks if kind == "Cf" else 0
        if kind == "Zs":
            kept.append(char if char in HARD_SPACES else " ")
        elif kind == "Cs":
            kept.append("\ufffd")
        elif marks <= MARKS_AT_MOST and (kind not in ("Cc", "Cf") or char == "\n" or char in KEPT_FORMATS):
            kept.append(char)
    spaced = re.sub(r" *\n *", "\n", re.sub(r" {2,}", " ", "".join(kept)))
    return re.sub(r"\n{3,}", "\n\n", spaced).strip(" \n")


def without_marks(text: str) -> str:
    """Return `text` as one line without direction marks, for a file's properties."""
    return "".join(char for char in clean(text).replace("\n", " ") if char not in KEPT_FORMATS)


def reads_rtl(text: str, language: str) -> bool:
    """Whether a paragraph of a page in `language` runs from right to left by itself.

    It follows the page unless it begins with letters of the other direction and two thirds are: an English
    remark on an Arabic page keeps its full stop at its own end, an Arabic one that begins with "MRI" stays Arabic.
    Without any letter it is a number or a code, and those run from left to right.
    """
    strong = [kind != "L" for kind in map(bidirectional, text) if kind in ("L", "R", "AL")]
    if not strong:
        return False
    page = is_rtl(language)
    others = sum(1 for rtl in strong if rtl != page)
    return not page if strong[0] != page and others * 3 > 2 * len(strong) else page


def keep_codes(text: str) -> str:
    """Return right-to-left `text` with marks that let each code and number in it be a left-to-right word."""
    return LTR_TOKEN.sub(f"{LRM}\\g<0>{LRM}", text)
