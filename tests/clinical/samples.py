"""Files to send: good ones, and some that mean harm."""

import io
import zlib

from PIL import Image, PngImagePlugin, TiffImagePlugin

GPS, ARTIST, DESCRIPTION, ORIENTATION = 0x8825, 0x013B, 0x010E, 0x0112
SECRET = "Jane-Roe-at-home"


def picture(kind="JPEG", mode="RGB", size=(40, 30), **save):
    """An image of that kind, with a gradient so that its pixels can be compared."""
    image = Image.linear_gradient("L").resize(size).convert(mode)
    out = io.BytesIO()
    image.save(out, kind, **save)
    return out.getvalue()


def telling_jpeg(orientation=1):
    """A JPEG that says where it was taken, by whom and of whom."""
    exif = Image.Exif()
    exif[ARTIST] = exif[DESCRIPTION] = SECRET
    exif[ORIENTATION] = orientation
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[2] = (29.0, 22.0, 30.0)
    return picture(exif=exif, comment=SECRET.encode(), icc_profile=SECRET.encode() * 20)


def telling_png():
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", SECRET)
    info.add_itxt("Comment", SECRET)
    return picture("PNG", pnginfo=info)


def telling_tiff():
    info = TiffImagePlugin.ImageFileDirectory_v2()
    info[ARTIST] = info[DESCRIPTION] = SECRET
    return picture("TIFF", tiffinfo=info)


def tiff_of(pages, mode="1", size=(20, 20)):
    out = io.BytesIO()
    first, *rest = [Image.new(mode, size) for _ in range(pages)]
    first.save(out, "TIFF", save_all=True, append_images=rest)
    return out.getvalue()


def bomb_png(side=20_000):
    """A small PNG that says that it is large."""
    row = b"\0" + b"\0" * side
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(row) for _ in range(50)) + packer.flush()

    def chunk(name, data):
        return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")

    header = side.to_bytes(4, "big") * 2 + bytes([8, 0, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def dicom(preamble=bytes(128), rest=b"\x02\x00\x00\x00UL\x04\x00\x00\x00\x00\x00"):
    return preamble + b"DICM" + rest


def pdf(*objects, trailer=b""):
    body = b"".join(b"%d 0 obj%sendobj\n" % (number, text) for number, text in enumerate(objects, 1))
    return b"%PDF-1.7\n" + body + b"trailer<</Root 1 0 R" + trailer + b">>\n%%EOF\n"


def stream(data, dictionary=b"<</Length 1"):
    return dictionary + b">>\nstream\n" + data + b"\nendstream\n"


GOOD_PDF = pdf(b"<</Type/Catalog>>")
