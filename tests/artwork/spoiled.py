"""Good pictures of every kind that is taken, and ways to spoil them: material for fuzzing uploads."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from io import BytesIO
from random import Random

from PIL import Image, ImageCms, PngImagePlugin

Spoil = Callable[[bytearray, Random], bytes]

EXTREMES = (0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def sample(width: int = 170, height: int = 160, mode: str = "RGB") -> Image.Image:
    """A picture with something in it, in any mode."""
    across = Image.linear_gradient("L").resize((width, height))
    bands = [across, across.rotate(90), across.rotate(180), across]
    if mode == "I;16":
        return across.convert("I").point(lambda value: value * 257).convert(mode)
    return (
        across.convert(mode) if mode in ("1", "L", "P") else Image.merge(mode, bands[: len(mode)])
    )


def encoded(picture: Image.Image, kind: str, **how: object) -> bytes:
    """The file that Pillow writes of a picture."""
    file = BytesIO()
    picture.save(file, kind, **how)
    return file.getvalue()


@cache
def seeds() -> tuple[bytes, ...]:
    """Good files, small ones, of every kind and of the turns that each kind can take."""
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", "about the picture " * 40, zip=True)
    words.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta/>" * 30, zip=True)
    exif = Image.Exif()
    exif[0x0112] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    frames = [sample(mode="P"), sample(mode="P").rotate(90), sample(mode="P").rotate(180)]
    moving = {"save_all": True, "append_images": [sample().rotate(90)], "duration": 90}
    return (
        encoded(sample(mode="RGBA"), "PNG", pnginfo=words, icc_profile=profile),
        encoded(sample(mode="P"), "PNG", transparency=3),
        encoded(sample(mode="I;16"), "PNG", exif=exif),
        encoded(sample(mode="1"), "PNG"),
        encoded(sample(), "PNG", **moving),
        encoded(sample(), "JPEG", exif=exif, icc_profile=profile, quality=60),
        encoded(sample(mode="L"), "JPEG", progressive=True),
        encoded(sample(mode="CMYK"), "JPEG", quality=50),
        encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], transparency=2),
        encoded(frames[0], "GIF", interlace=True),
        encoded(sample(), "WEBP", exif=exif, icc_profile=profile),
        encoded(sample(mode="RGBA"), "WEBP", lossless=True),
        encoded(sample(), "WEBP", **moving),
    )


def spoiled(random: Random) -> bytes:
    """A good file after one to three ways of spoiling it."""
    content = bytearray(random.choice(seeds()))
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        content = bytearray(random.choice(WAYS)(content, random))
    return bytes(content)


def _flips(content: bytearray, random: Random) -> bytes:
    for _ in range(random.choice((1, 1, 2, 5, 20))):
        if content:
            # Headers decide more than pixels do.
            end = len(content) if random.random() < 0.5 else min(len(content), 80)
            content[random.randrange(end)] = random.randrange(256)
    return bytes(content)


def _cut(content: bytearray, random: Random) -> bytes:
    return bytes(content[: random.randrange(len(content) + 1)])


def _cut_out(content: bytearray, random: Random) -> bytes:
    start = random.randrange(len(content) + 1)
    del content[start : start + random.choice((1, 4, 30, 400))]
    return bytes(content)


def _splice(content: bytearray, random: Random) -> bytes:
    other = random.choice(seeds())
    start, at = random.randrange(len(other)), random.randrange(len(content) + 1)
    content[at:at] = other[start : start + random.choice((4, 40, 400, 4000))]
    return bytes(content)


def _other_body(content: bytearray, random: Random) -> bytes:
    other, keep = random.choice(seeds()), random.choice((8, 12, 16, 33, 60))
    return bytes(content[:keep]) + other[keep:]


def _extreme(content: bytearray, random: Random) -> bytes:
    pattern = random.choice((">L", "<L", ">H", "<H"))
    at = random.randrange(min(len(content), random.choice((40, 400, 1 << 20))) + 1)
    value = random.choice(EXTREMES) & (0xFFFFFFFF if "L" in pattern else 0xFFFF)
    written = struct.pack(pattern, value)
    content[at : at + len(written)] = written
    return bytes(content)


def _size(content: bytearray, random: Random) -> bytes:
    sides = [random.choice((0, 1, 149, 171, 3000, 6000, 16383, 65535)) for _ in range(2)]
    if content.startswith(b"\x89PNG"):
        content[16:24] = struct.pack(">LL", *sides)
        content[29:33] = struct.pack(">L", zlib.crc32(content[12:29]))
    elif content.startswith(b"GIF"):
        at = random.choice((6, content.find(b",") + 5))
        content[at : at + 4] = struct.pack("<HH", *sides)
    elif content.startswith(b"RIFF"):
        content[24:30] = b"".join(side.to_bytes(3, "little") for side in sides)
    else:
        for marker in (b"\xff\xc0", b"\xff\xc2"):
            at = content.find(marker)
            if at >= 0:
                content[at + 5 : at + 9] = struct.pack(">HH", *sides)
    return bytes(content)


def chunk(kind: bytes, body: bytes) -> bytes:
    """A chunk of a PNG with the checksum that it needs."""
    return struct.pack(">L", len(body)) + kind + body + struct.pack(">L", zlib.crc32(kind + body))


def blank_png(width: int, height: int, *, depth: int = 8, interlaced: bool = False) -> bytes:
    """A transparent PNG of any size, made row by row."""
    steps: tuple[tuple[int, int, int, int], ...] = ((0, 0, 1, 1),)
    if interlaced:  # Adam7: where each pass begins, and its steps
        steps = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))  # fmt: skip
    squeezed, pixels = zlib.compressobj(9), []
    for left, top, across, down in steps:
        row = bytes(1 + depth // 2 * -(-(width - left) // across))
        pixels += [squeezed.compress(row) for _ in range(-(-(height - top) // down))]
    header = struct.pack(">LLBBBBB", width, height, depth, 6, 0, 0, int(interlaced))
    body = b"".join([*pixels, squeezed.flush()])
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


def largest() -> Iterator[tuple[str, bytes]]:
    """The largest pictures of each kind that are taken, or nearly, with a name each."""
    grey = Image.linear_gradient("L").resize((6320, 6320))
    yield "largest PNG", blank_png(6320, 6320)
    yield "largest PNG of 16 bits, interlaced", blank_png(6320, 6320, depth=16, interlaced=True)
    yield "largest wide PNG", blank_png(266_000, 150)
    yield "largest high PNG", blank_png(150, 266_000)
    yield "largest GIF", encoded(grey, "GIF")
    yield "largest JPEG", encoded(grey.convert("RGB"), "JPEG", quality=50)
    yield "largest progressive JPEG", encoded(grey, "JPEG", progressive=True)
    scans = encoded(grey.resize((1000, 1000)), "JPEG", progressive=True)
    last = scans[scans.rfind(b"\xff\xda") : scans.rfind(b"\xff\xd9")]
    end = scans.rfind(b"\xff\xd9")
    yield "largest number of scans", scans[:end] + last * 580 + scans[end:]
    flat = Image.linear_gradient("L").resize((3200, 3200), Image.Resampling.NEAREST)
    color = Image.merge("RGBA", [flat, flat.rotate(90), flat, flat])
    yield "largest WebP", encoded(color.convert("RGB"), "WEBP", method=0)
    yield "largest WebP without loss", encoded(color, "WEBP", lossless=True, method=0)


def _chunk(content: bytearray, random: Random) -> bytes:
    bomb = zlib.compress(bytes(4_000_000))
    kind, body = random.choice(
        (
            (b"zTXt", b"Comment\0\0" + bomb),
            (b"iTXt", b"Comment\0\1\0\0\0" + bomb),
            (b"iCCP", b"profile\0\0" + bomb),
            (b"eXIf", random.randbytes(60)),
            (b"acTL", struct.pack(">LL", 0xFFFFFFFF, 0)),
            (b"fcTL", random.randbytes(26)),
            (b"tRNS", random.randbytes(random.choice((0, 1, 2, 6, 300)))),
            (b"PLTE", random.randbytes(random.choice((0, 1, 3, 768, 900)))),
            (b"IDAT", bomb),
            (b"IHDR", random.randbytes(13)),
        )
    )
    at = random.choice((8, 33, max(0, len(content) - 12)))
    content[at:at] = chunk(kind, body)
    return bytes(content)


def _tail(content: bytearray, random: Random) -> bytes:
    return bytes(content) + random.choice(
        (b"PK\1\2" + bytes(60) + b"PK\5\6" + bytes(18), b"<script>", b"\0" * 9)
    )


WAYS: tuple[Spoil, ...] = (
    _flips,
    _flips,
    _cut,
    _cut_out,
    _splice,
    _other_body,
    _extreme,
    _size,
    _chunk,
    _tail,
)
