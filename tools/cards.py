"""The pictures of link previews, one a page: title, who and when, our strip from noise to image.

A card is drawn from the front matter of its page and lies in the built site at
``assets/cards/<address of the page>card.png``, where docs/theme/partials/meta.html points. Only a
site that knows its own address (SITE_URL) has cards, because a preview needs an absolute one. What
was drawn once is taken from ``.cache/cards``, by a hash over all that it shows.
"""

from __future__ import annotations

import hashlib
import io
import os
import textwrap
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from PIL import Image, ImageDraw, ImageFont

__all__ = ["Card", "cards", "draw", "write"]

FOLDER = "assets/cards"
WIDTH, HEIGHT, MARGIN = 1200, 630, 76  # pixels; the size that link previews ask for
LEVELS = 6  # colours of a card: the framework's, and greys from ink to paper
COMPRESSION = 6  # of zlib; 9 takes twice as long and saves little
SHADES = 3  # of the strip: noise is what a PNG cannot compress
# The colours of docs/assets/css/base.css.
INK, PAPER, GREY = (28, 33, 38), (255, 255, 255), (89, 98, 107)
COLOURS = {"ddpm": (0, 114, 178), "ncsn": (213, 94, 0), "sde": (0, 158, 115)}
STRIPS = {"ncsn": "ncsn", "sde": "score_sde"}  # the baseline whose strip is shown, else DDPM's
CELL, PITCH = 56, 58  # of a stored strip: an image, and the step to the next one


@dataclass(frozen=True)
class Card:
    """What a card shows: title, line below it, and the framework that gives colour and strip."""

    title: str
    line: str
    group: str = ""


def cards(docs: Path) -> dict[str, Card]:
    """The card of every page below ``docs``, by the page's address (``tasks/inpainting/``)."""
    found = {}
    for file in sorted(docs.rglob("*.md")):
        place = file.relative_to(docs)
        if place.parts[0] in ("prose", "theme", "assets"):
            continue
        meta = _front_matter(file)
        path = place.with_suffix("").as_posix()
        address = path.removesuffix("index") if path.endswith("index") else f"{path}/"
        line, group = meta.get("card") or (meta.get("description") or "", "")
        found[address] = Card(str(meta.get("title") or "Diffusion Atlas"), str(line), str(group))
    return found


def _front_matter(file: Path) -> dict[str, Any]:
    text = file.read_text(encoding="utf-8")
    if not text.startswith("---\n"):
        return {}
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(text[4 : text.index("\n---", 3)], Loader=loader) or {}


def write(root: Path, site: Path) -> tuple[int, int]:
    """Put the cards of ``root/docs`` into the built ``site``: how many, and how many were drawn."""
    store = root / ".cache" / "cards"
    store.mkdir(parents=True, exist_ok=True)
    wanted = {
        address: (card, store / _name(card, root)) for address, card in cards(root / "docs").items()
    }
    missing = {file: card for card, file in wanted.values() if not file.is_file()}
    if missing:
        with ProcessPoolExecutor() as pool:
            drawn = pool.map(draw, missing.values(), [root] * len(missing), chunksize=32)
            for file, data in zip(missing, drawn, strict=True):
                temporary = file.with_suffix(".tmp")
                temporary.write_bytes(data)
                os.replace(temporary, file)
    for address, (_, file) in wanted.items():
        target = site / FOLDER / address / "card.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())
    return len(wanted), len(missing)


def _name(card: Card, root: Path) -> str:
    digest = hashlib.sha256(repr(astuple(card)).encode())
    digest.update(_sources(root, card.group))
    return f"{digest.hexdigest()[:32]}.png"


@cache
def _sources(root: Path, group: str) -> bytes:
    """What all cards of a group are made of: this file, and the strip."""
    strip = _strip_file(root, group)
    return Path(__file__).read_bytes() + (strip.read_bytes() if strip.is_file() else b"")


def _strip_file(root: Path, group: str) -> Path:
    return root / "baselines" / "results" / STRIPS.get(group, "ddpm") / "strip.png"


@cache
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    import matplotlib

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return ImageFont.truetype(str(folder / f"{name}.ttf"), size)


@cache
def _ground(root: Path, group: str) -> Image.Image:
    """The card without its text, in greys: the site's name above, the strip below."""
    image = Image.new("L", (WIDTH, HEIGHT), 255)
    pen = ImageDraw.Draw(image)
    pen.text((MARGIN, 58), "Diffusion Atlas", font=_font("DejaVuSerif", 30), fill=90)
    file = _strip_file(root, group)
    if file.is_file():
        with Image.open(file) as strip:
            row = strip.convert("L").crop((2, 2, 2 + 9 * PITCH - 2, 2 + CELL))
        wide = (WIDTH - 2 * MARGIN) // 9
        for at in range(9):
            cell = row.crop((at * PITCH, 0, at * PITCH + CELL, CELL))
            tile = cell.resize((2 * CELL, 2 * CELL), Image.Resampling.NEAREST)
            step = 255 // (SHADES - 1)
            tile = tile.point([255 - (grey + step // 2) // step * step for grey in range(256)])
            image.paste(tile, (MARGIN + at * wide, 456))
    return image


def _wrapped(text: str, font: ImageFont.FreeTypeFont, most: int) -> list[str]:
    """``text`` in lines that fit between the margins, at most ``most``; dots say what is cut."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > WIDTH - 2 * MARGIN:
            lines.append(word)
        else:
            lines[-1] = longer
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1].rstrip(' ,;.:')} …"]
    return lines


def draw(card: Card, root: Path) -> bytes:
    """The card as a PNG of 1200 x 630 pixels in ``LEVELS`` colours."""
    image = _ground(root, card.group).copy()
    pen = ImageDraw.Draw(image)
    title = textwrap.shorten(card.title, 160, placeholder=" …")
    size = 58 if len(title) < 60 else 46
    font, top = _font("DejaVuSerif", size), 128
    for line in _wrapped(title, font, 4 if size == 46 else 3):
        pen.text((MARGIN, top), line, font=font, fill=0)
        top += round(size * 1.28)
    small = _font("DejaVuSans", 27)
    for line in _wrapped(card.line, small, 2 if top < 350 else 1):
        pen.text((MARGIN, top + 16), line, font=small, fill=90)
        top += 38
    # Index 0 is the colour of the framework, which the bar alone has.
    image = image.point([1 + grey * (LEVELS - 2) // 255 for grey in range(256)])
    ImageDraw.Draw(image).rectangle((0, 0, 15, HEIGHT), fill=0)
    indexed = Image.frombytes("P", image.size, image.tobytes())
    indexed.putpalette(_palette(card.group))
    out = io.BytesIO()
    indexed.save(out, "PNG", bits=4, compress_level=COMPRESSION)
    return out.getvalue()


def _palette(group: str) -> list[int]:
    shares = [index / (LEVELS - 2) for index in range(LEVELS - 1)]
    greys = [
        round(a + (b - a) * share) for share in shares for a, b in zip(INK, PAPER, strict=True)
    ]
    return [*COLOURS.get(group, GREY), *greys]
