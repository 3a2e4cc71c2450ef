"""Images of packs: collected while reading, decoded and encoded anew, named by what is seen, refused when they cannot
be had.

media = Media()
name = media.add(content)          # "media/3f2a…-640x480.png", or a Refusal that says why
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

from app.formats.media_encode import Refusal, encoded, size

__all__ = ["Media", "Refusal"]

MAX_ALL_PIXELS = 150_000_000
"""Of all images of one source: decoding and encoding takes about a second for every 15 million."""
NOT_THERE = Refusal("it is not in the file")
ON_THE_WEB = Refusal("it is on the web, from where nothing is fetched; put it into the file")
TOO_MANY = Refusal(
    f"all images together have more than {MAX_ALL_PIXELS // 1_000_000} million pixels; split the file"
)

# What stands in an address for the folder of files beside the questions.
_BASES = re.compile(
    r"(@@PLUGINFILE@@|\$IMS[-_]CC[-_]FILEBASE\$|%24IMS[-_]CC[-_]FILEBASE%24)/?", re.IGNORECASE
)
_DATA = re.compile(r"data:image/[a-z0-9.+-]{1,40}(?P<encoding>[^,]{0,80}),", re.IGNORECASE)
_WEB = re.compile(r"(?:[a-z][a-z0-9+.-]{0,20}:)?//", re.IGNORECASE)

Name = str | Refusal
"""What an image is called in the pack, or why it is not in it."""

Image = Callable[[str], Name]
"""The same for the address of an image."""


class Media:
    """The images of one source. `files` has their bytes by the name that item text uses."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self._left = MAX_ALL_PIXELS
        self._known: dict[bytes, Name] = {}  # by hash: each is decoded once
        self._names: dict[str, Name] = {}  # of files of the source, each hashed once
        self._paths: tuple[Mapping[str, bytes], dict[str, list[str]]] = ({}, {})

    def add(self, content: bytes) -> Name:
        """The name of an image in the pack."""
        digest = hashlib.sha256(content).digest()
        if digest not in self._known:
            self._known[digest] = self._added(content)
        return self._known[digest]

    def _added(self, content: bytes) -> Name:
        pixels = size(content)
        if isinstance(pixels, Refusal):
            return pixels
        self._left -= pixels
        if self._left < 0:
            return TOO_MANY
        made = encoded(content)
        if isinstance(made, Refusal):
            return made
        return self.keep(made.image.name, made.content)

    def add_base64(self, text: str) -> Name:
        """The same for an image in base64, white space allowed."""
        try:
            return self.add(base64.b64decode("".join(text.split()), validate=True))
        except (binascii.Error, ValueError):
            return Refusal("its base64 is damaged; export it again")

    def add_data_uri(self, address: str) -> Name:
        """The same for an address that holds the image itself; any other address is refused."""
        found = _DATA.match(address)
        if not found:
            return ON_THE_WEB if _WEB.match(address) else NOT_THERE
        rest = address[found.end() :]
        if found["encoding"].lower().endswith(";base64"):
            return self.add_base64(unquote(rest))
        return self.add(unquote_to_bytes(rest))

    def among(self, files: Mapping[str, bytes], beside: str = "") -> Image:
        """How addresses become names when the images are files of the same source.

        An address is looked for beside the file `beside`, then from the top, in the folder that cartridges have for
        files, and by its last part alone when only one file has it. Nothing is ever fetched.
        """
        by_name = self._by_name(files)

        def find(address: str) -> Name:
            if address.startswith("data:") or _WEB.match(address):
                return self.add_data_uri(address)
            path = unquote(_BASES.sub("", address)).split("?")[0].split("#")[0]
            near = posixpath.normpath(posixpath.join(posixpath.dirname(beside), path))
            alone = by_name.get(path.rpartition("/")[2], [])
            top = posixpath.normpath(path)
            for candidate in (near, top, f"web_resources/{top}", *(alone if len(alone) == 1 else ())):
                if candidate in files:
                    if candidate not in self._names:
                        self._names[candidate] = self.add(files[candidate])
                    return self._names[candidate]
            return NOT_THERE

        return find

    def keep(self, name: str, content: bytes) -> str:
        """Keep an image that was encoded here, under its name."""
        self.files.setdefault(name, content)
        return name

    def _by_name(self, files: Mapping[str, bytes]) -> dict[str, list[str]]:
        """The paths of the files of the source by their last part."""
        if self._paths[0] is not files:
            by_name: dict[str, list[str]] = {}
            for path in files:
                by_name.setdefault(path.rpartition("/")[2], []).append(path)
            self._paths = (files, by_name)
            self._names = {}
        return self._paths[1]
