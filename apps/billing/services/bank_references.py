"""The references of banks: the same one, however it was typed or copied, counts once."""

import unicodedata

LONGEST_REFERENCE = 140


def read_reference(text: str) -> str:
    """Return the one form of a bank's reference that we keep, empty where nothing of it is left.

    Neither case, spaces, kinds of dashes nor characters that nobody sees make two references of one.
    """
    seen = (
        "-" if unicodedata.category(char) == "Pd" else char
        for char in unicodedata.normalize("NFKC", text)
        if char.isspace() or unicodedata.category(char) not in ("Cc", "Cf")
    )
    return " ".join("".join(seen).split()).upper()
