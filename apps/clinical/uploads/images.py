"""Images: decoded within bounds and written anew, so that nothing but pixels is kept.

Places, names and comments in metadata go (T51), and so does whatever else the file was at the same time (T49).
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, JpegImagePlugin, TiffImagePlugin

from apps.clinical.uploads.refusal import refuse
from medivoy.core.errors import DomainError

SPOOLED_BYTES = 4 * 1024 * 1024
# All that an image may say of itself beside its pixels.
KEPT = ("transparency",)


def clean_jpeg(source: BinaryIO) -> BinaryIO:
    """Write a JPEG anew with its own quantisation, so that next to nothing is lost; upright, as its EXIF had it."""

    def save(image: Any, out: BinaryIO) -> None:
        quality = {"qtables": image.quantization, "subsampling": JpegImagePlugin.get_sampling(image)}
        _bare(ImageOps.exif_transpose(image)).save(out, "JPEG", **quality)

    return _rewrite(source, "JPEG", save)


def clean_png(source: BinaryIO) -> BinaryIO:
    """Write a PNG anew, pixel by pixel the same."""
    return _rewrite(source, "PNG", lambda image, out: _bare(image).save(out, "PNG", compress_level=1))


def clean_tiff(source: BinaryIO) -> BinaryIO:
    """Write a TIFF anew, page by page, pixel by pixel the same."""

    def save(image: Any, out: BinaryIO) -> None:
        pixels = 0
        with TiffImagePlugin.AppendingTiffWriter(out) as pages:
            for number in range(settings.RECORD_MAX_PAGES + 1):
                try:
                    image.seek(number)
                except EOFError:
                    return
                pixels += _check_pixels(image)
                if number == settings.RECORD_MAX_PAGES or pixels > settings.RECORD_MAX_PIXELS_IN_ALL:
                    raise refuse(_("This image has too many pages."))
                compression = "group4" if image.mode == "1" else "tiff_adobe_deflate"
                _bare(image).save(pages, "TIFF", compression=compression)
                pages.newFrame()

    return _rewrite(source, "TIFF", save)


def _bare(image: Any) -> Any:
    """Return the pixels without what came with them."""
    bare = image.copy()
    bare.info = {name: image.info[name] for name in KEPT if name in image.info}
    return bare


def _check_pixels(image: Any) -> int:
    """Return how many pixels the image says it has; refuse more than we decode. Nothing is decoded yet (T50)."""
    pixels = image.width * image.height
    if pixels > settings.RECORD_MAX_PIXELS:
        raise refuse(_("This image has too many pixels."))
    return pixels


def _rewrite(source: BinaryIO, kind: str, save: Callable[[Any, BinaryIO], None]) -> BinaryIO:
    out = tempfile.SpooledTemporaryFile(SPOOLED_BYTES)  # noqa: SIM115 - the caller stores it and lets it go
    with _broken_is_refused():
        source.seek(0)
        # Only this one decoder looks at the bytes, whatever else they could be taken for.
        with Image.open(source, formats=[kind]) as image:
            _check_pixels(image)
            save(image, out)  # type: ignore[arg-type]
    return out  # type: ignore[return-value]


@contextmanager
def _broken_is_refused() -> Iterator[None]:
    """A decoder raises anything at all on bytes made for that: each is the same refusal."""
    try:
        yield
    except DomainError:
        raise
    except Exception as error:
        raise refuse(_("This image cannot be read.")) from error
