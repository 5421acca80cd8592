"""The vendored typefaces: which of them has a character, how it shapes a run, and how a PDF embeds it.

ReportLab's own shaping names glyphs by private codes that depend on what the process drew before, so the same
invoice would not give the same bytes twice. Here a document numbers its glyphs itself: each (glyph, text) pair is
one code of a Type 0 font, with the text beside it, so that copying and searching give back what was written.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from struct import pack
from unicodedata import category

import uharfbuzz
from reportlab.pdfbase.pdfdoc import (
    PDFArray,
    PDFDictionary,
    PDFDocument,
    PDFName,
    PDFStream,
    PDFString,
    PDFZCompress,
)

FONT_DIR = Path(__file__).resolve().parents[3] / "static" / "fonts"
FAMILIES = ("NotoSans", "NotoSansArabic", "NotoSansDevanagari")
# Blocks that one family draws best; everything else starts at the first family.
SCRIPT_BLOCKS = {
    "NotoSansArabic": ((0x0600, 0x06FF), (0x0750, 0x077F), (0x0870, 0x08FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC)),
    "NotoSansDevanagari": ((0x0900, 0x097F), (0x1CD0, 0x1CFF), (0xA8E0, 0xA8FF)),
}
# Marks and joiners are drawn with the letter they belong to.
CLINGING = frozenset({"Mn", "Mc", "Me", "Cf"})
SUBSET_FLAGS = uharfbuzz.SubsetFlags.NO_LAYOUT_CLOSURE | uharfbuzz.SubsetFlags.NOTDEF_OUTLINE
UNUSED_TABLES = (b"GDEF", b"GPOS", b"GSUB", b"OS/2", b"STAT", b"cmap", b"gasp", b"name", b"post", b"DSIG")
SYMBOLIC = 4


@dataclass(frozen=True)
class Glyph:
    """One drawn glyph, in thousandths of the size; `text` is what it stands for, `cluster` where that begins."""

    number: int
    text: str
    cluster: int
    width: float
    advance: float
    x_offset: float
    y_offset: float


class Face:
    """One font file, read once a process; nothing in it changes afterwards, so threads share it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.path = FONT_DIR / f"{name}.ttf"
        self.hb_face = uharfbuzz.Face(uharfbuzz.Blob(self.path.read_bytes()))
        self.hb_font = uharfbuzz.Font(self.hb_face)
        self.characters = frozenset(self.hb_face.unicodes)
        self._scale = 1000 / self.hb_face.upem

    def shape(self, text: str, rtl: bool, language: str) -> list[Glyph]:
        """Return the glyphs of `text`, a run of one level, from left to right."""
        buffer = uharfbuzz.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        buffer.direction = "rtl" if rtl else "ltr"
        buffer.language = language  # else the server's locale would choose the letter forms
        uharfbuzz.shape(self.hb_font, buffer)
        infos, positions = buffer.glyph_infos, buffer.glyph_positions
        stretch = dict(pairwise([*sorted({info.cluster for info in infos}), len(text)]))
        # A letter may be a body and its dots: the widest glyph of a cluster speaks for all of it.
        speaking: dict[int, int] = {}
        for i, (info, position) in enumerate(zip(infos, positions, strict=True)):
            best = speaking.setdefault(info.cluster, i)
            if position.x_advance > positions[best].x_advance:
                speaking[info.cluster] = i
        return [
            Glyph(
                number=info.codepoint,
                text=text[info.cluster : stretch[info.cluster]] if speaking[info.cluster] == i else "",
                cluster=info.cluster,
                width=self.hb_font.get_glyph_h_advance(info.codepoint) * self._scale,
                advance=position.x_advance * self._scale,
                x_offset=position.x_offset * self._scale,
                y_offset=position.y_offset * self._scale,
            )
            for i, (info, position) in enumerate(zip(infos, positions, strict=True))
        ]


@cache
def face(family: str, bold: bool) -> Face:
    """Return the face of `family`, read from the repository's own files."""
    return Face(f"{family}-{'Bold' if bold else 'Regular'}")


@cache
def _preferred(codepoint: int) -> str:
    for family, blocks in SCRIPT_BLOCKS.items():
        if any(low <= codepoint <= high for low, high in blocks):
            return family
    return FAMILIES[0]


def choose_faces(text: str, bold: bool) -> list[Face]:
    """Return the face for each character: that of its script, else the first that has it, else an empty box's."""
    chosen: list[Face] = []
    for char in text:
        code = ord(char)
        if chosen and category(char) in CLINGING and code in chosen[-1].characters:
            chosen.append(chosen[-1])
            continue
        candidates = (face(family, bold) for family in (_preferred(code), *FAMILIES))
        chosen.append(next((one for one in candidates if code in one.characters), face(FAMILIES[0], bold)))
    return chosen


@cache
def can_draw(text: str) -> bool:
    """Whether our faces have every character of `text`."""
    return all(any(ord(char) in face(family, False).characters for family in FAMILIES) for char in text)


class EmbeddedFont:
    """One face in one PDF: collects the glyphs as they are drawn, writes their subset when the document is saved."""

    def __init__(self, source: Face, resource: str) -> None:
        self.source = source
        self.resource = resource
        self._codes: dict[tuple[int, str], int] = {}
        self._widths: list[float] = []

    def encode(self, glyph: Glyph) -> str:
        """Return the code of `glyph` as the page's content writes it: four hexadecimal digits."""
        key = (glyph.number, glyph.text)
        if key not in self._codes:
            self._codes[key] = len(self._codes) + 1
            self._widths.append(glyph.width)
        return f"{self._codes[key]:04X}"

    def addObjects(self, document: PDFDocument) -> None:  # noqa: N802 (the name that ReportLab calls)
        """Write the subset of the font file and the dictionaries that lead to it."""
        data, renumbered = self._subset()
        name = PDFName(f"{_subset_tag(data)}+{self.source.name}")
        to_glyph = b"\0\0" + b"".join(pack(">H", renumbered[number]) for number, _ in self._codes)
        descendant = PDFDictionary(
            {
                "Type": PDFName("Font"),
                "Subtype": PDFName("CIDFontType2"),
                "BaseFont": name,
                "CIDSystemInfo": PDFDictionary(
                    {"Registry": PDFString("Adobe"), "Ordering": PDFString("Identity"), "Supplement": 0}
                ),
                "FontDescriptor": document.Reference(self._descriptor(document, name, data)),
                "W": PDFArray([1, PDFArray([f"{width:g}" for width in self._widths])]),
                "CIDToGIDMap": document.Reference(_stream(to_glyph)),
            }
        )
        font = PDFDictionary(
            {
                "Type": PDFName("Font"),
                "Subtype": PDFName("Type0"),
                "BaseFont": name,
                "Encoding": PDFName("Identity-H"),
                "DescendantFonts": PDFArray([document.Reference(descendant)]),
                "ToUnicode": document.Reference(_stream("\n".join(self._unicode_map()).encode("ascii"))),
            }
        )
        document.idToObject["BasicFonts"].dict[self.resource] = document.Reference(font)

    def _subset(self) -> tuple[bytes, dict[int, int]]:
        """Return the font file with the used glyphs only, and their new numbers."""
        wanted = uharfbuzz.SubsetInput()
        wanted.glyph_set.update({number for number, _ in self._codes})
        wanted.drop_table_tag_set.update(int.from_bytes(tag) for tag in UNUSED_TABLES)
        wanted.flags = SUBSET_FLAGS
        plan = uharfbuzz.SubsetPlan(self.source.hb_face, wanted)
        return plan.execute().blob.data, dict(plan.old_to_new_glyph_mapping)

    def _descriptor(self, document: PDFDocument, name: PDFName, data: bytes) -> PDFDictionary:
        extents = self.source.hb_font.get_font_extents("ltr")
        file = _stream(data)
        file.dictionary["Length1"] = len(data)
        return PDFDictionary(
            {
                "Type": PDFName("FontDescriptor"),
                "FontName": name,
                "Flags": SYMBOLIC,
                "FontBBox": PDFArray([-1000, extents.descender, 3000, extents.ascender]),
                "ItalicAngle": 0,
                "Ascent": extents.ascender,
                "Descent": extents.descender,
                "CapHeight": 714,
                "StemV": 120 if self.source.name.endswith("Bold") else 80,
                "FontFile2": document.Reference(file),
            }
        )

    def _unicode_map(self) -> Iterator[str]:
        """Yield the lines of the CMap from codes to text."""
        yield "/CIDInit /ProcSet findresource begin 12 dict begin begincmap"
        yield "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def"
        yield "/CMapName /Adobe-Identity-UCS def /CMapType 2 def"
        yield "1 begincodespacerange <0000> <FFFF> endcodespacerange"
        told = [(code, text) for (_, text), code in self._codes.items()]
        for start in range(0, len(told), 100):  # the format's own limit for one section
            section = told[start : start + 100]
            yield f"{len(section)} beginbfchar"
            for code, text in section:
                yield f"<{code:04X}> <{text.encode('utf-16-be').hex().upper()}>"
            yield "endbfchar"
        yield "endcmap CMapName currentdict /CMap defineresource pop end end"


def _stream(content: bytes) -> PDFStream:
    return PDFStream(content=content, filters=[PDFZCompress])


def _subset_tag(data: bytes) -> str:
    """Return the six capitals that mark a subset, told by what is in it."""
    return "".join(chr(ord("A") + byte % 26) for byte in sha256(data).digest()[:6])
