"""A paper's picture: an address on the web, or a file beside its digest."""

from pathlib import Path

from translator.newsletter.digest import Digest
from translator.newsletter.rendering import safe_url

RASTER = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".gif": "gif", ".webp": "webp"}
_LARGEST = 8 * 2**20


def web_picture(image: str) -> str:
    """The address of a picture on the web, or nothing."""
    url = safe_url(image)
    return url if url.lower().startswith(("http://", "https://")) else ""


def local_picture(digest: Digest, image: str) -> Path | None:
    """The file that a relative picture is, if it is a raster image in the digest's folder or below."""
    if not image or digest.folder is None or ":" in image or image.startswith(("/", "\\")):
        return None
    path = (digest.folder / image).resolve()
    inside = digest.folder.resolve() in path.parents
    return path if inside and path.suffix.lower() in RASTER and path.is_file() and path.stat().st_size <= _LARGEST else None
