"""Images of foreign packs: collected while reading, named by their content, refused when they are none.

media = Media()
name = media.add(content)          # "media/3f2a….png", or None
name = media.add_data_uri(address)  # the same for data:image/png;base64,…
drafts.assemble(…, media=media.files)
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import posixpath
import re
from collections.abc import Callable, Mapping
from urllib.parse import unquote, unquote_to_bytes

_STARTS = ((b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpg"), (b"GIF87a", "gif"), (b"GIF89a", "gif"))
# What stands in an address for the folder of files beside the questions.
_BASES = re.compile(
    r"(@@PLUGINFILE@@|\$IMS[-_]CC[-_]FILEBASE\$|%24IMS[-_]CC[-_]FILEBASE%24)/?", re.IGNORECASE
)
_WEBP = slice(8, 12)
_DATA = re.compile(r"data:image/[a-z0-9.+-]{1,40}(?P<base64>;base64)?,", re.IGNORECASE)


class Media:
    """The images of one source. `files` has their bytes by the name that item text uses."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self._names: dict[str, str | None] = {}  # of files of the source, each hashed once
        self._paths: tuple[Mapping[str, bytes], dict[str, list[str]]] = ({}, {})

    def add(self, content: bytes) -> str | None:
        """The name of an image in the pack; None when it is no PNG, JPEG, GIF or WebP."""
        ending = next((ending for start, ending in _STARTS if content.startswith(start)), None)
        if content.startswith(b"RIFF") and content[_WEBP] == b"WEBP":
            ending = "webp"
        if ending is None:
            return None
        name = f"media/{hashlib.sha256(content).hexdigest()[:16]}.{ending}"
        self.files.setdefault(name, content)
        return name

    def add_base64(self, text: str) -> str | None:
        """The same for an image in base64, white space allowed."""
        try:
            return self.add(base64.b64decode("".join(text.split()), validate=True))
        except (binascii.Error, ValueError):
            return None

    def add_data_uri(self, address: str) -> str | None:
        """The same for an address that holds the image itself; None for any other address."""
        found = _DATA.match(address)
        if not found:
            return None
        rest = address[found.end() :]
        return self.add_base64(rest) if found["base64"] else self.add(unquote_to_bytes(rest))

    def among(self, files: Mapping[str, bytes], beside: str = "") -> Callable[[str], str | None]:
        """How addresses become names when the images are files of the same source.

        An address is looked for beside the file `beside`, then from the top, in the folder that cartridges have for
        files, and by its last part alone when only one file has it. Nothing is ever fetched.
        """
        by_name = self._by_name(files)

        def find(address: str) -> str | None:
            if address.startswith("data:"):
                return self.add_data_uri(address)
            if "://" in address:
                return None
            path = unquote(_BASES.sub("", address)).split("?")[0].split("#")[0]
            near = posixpath.normpath(posixpath.join(posixpath.dirname(beside), path))
            alone = by_name.get(path.rpartition("/")[2], [])
            top = posixpath.normpath(path)
            for candidate in (near, top, f"web_resources/{top}", *(alone if len(alone) == 1 else ())):
                if candidate in files:
                    if candidate not in self._names:
                        self._names[candidate] = self.add(files[candidate])
                    return self._names[candidate]
            return None

        return find

    def _by_name(self, files: Mapping[str, bytes]) -> dict[str, list[str]]:
        """The paths of the files of the source by their last part."""
        if self._paths[0] is not files:
            by_name: dict[str, list[str]] = {}
            for path in files:
                by_name.setdefault(path.rpartition("/")[2], []).append(path)
            self._paths = (files, by_name)
            self._names = {}
        return self._paths[1]
