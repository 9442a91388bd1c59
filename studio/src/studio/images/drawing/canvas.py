"""A canvas in units of the finished picture, drawn twice as large and made smaller, so that edges are smooth."""

import math
import random
from collections.abc import Sequence
from functools import cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from studio.images.drawing.moments import Colour

WIDTH, HEIGHT = 960, 440
SCALE = 2
GRAIN = 0.035

Point = tuple[float, float]


def mix(one: Colour, other: Colour, part: float) -> Colour:
    """Return a colour between two: `part` 0 is the one, 1 the other."""
    return tuple(round(a + (b - a) * part) for a, b in zip(one, other, strict=True))  # type: ignore[return-value]


def shade(colour: Colour, by: float) -> Colour:
    """Return a colour darker (`by` under 1) or lighter."""
    return tuple(max(0, min(255, round(part * by))) for part in colour)  # type: ignore[return-value]


class Canvas:
    """Draw in the light of a scene: colours are toned with `tint` unless they shine by themselves (`raw`)."""

    def __init__(self, tint: tuple[float, float, float], *, image: Image.Image | None = None) -> None:
        self.image = image or Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE))
        self.tint = tint
        self._draw = ImageDraw.Draw(self.image)

    def tone(self, colour: Colour) -> Colour:
        """Return a colour as it looks in the scene's light."""
        return tuple(min(255, round(part * by)) for part, by in zip(colour, self.tint, strict=True))  # type: ignore[return-value]

    def polygon(self, points: Sequence[Point], colour: Colour, *, raw: bool = False) -> None:
        """Fill a polygon."""
        self._draw.polygon(_scaled(points), fill=colour if raw else self.tone(colour))

    def box(
        self, x: float, y: float, width: float, height: float, colour: Colour, *, raw: bool = False
    ) -> None:
        """Fill a rectangle."""
        self.polygon([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], colour, raw=raw)

    def round_box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        radius: float,
        colour: Colour,
        *,
        raw: bool = False,
    ) -> None:
        """Fill a rectangle with round corners."""
        (left, top), (right, bottom) = _scaled([(x, y), (x + width, y + height)])
        if right <= left or bottom <= top:
            return
        fill = colour if raw else self.tone(colour)
        self._draw.rounded_rectangle((left, top, right, bottom), radius * SCALE, fill)

    def ellipse(
        self, x: float, y: float, across: float, down: float, colour: Colour, *, raw: bool = False
    ) -> None:
        """Fill an ellipse around (x, y), `across` and `down` being its half widths."""
        (left, top), (right, bottom) = _scaled([(x - across, y - down), (x + across, y + down)])
        if right > left and bottom > top:
            self._draw.ellipse((left, top, right, bottom), fill=colour if raw else self.tone(colour))

    def arc(
        self,
        x: float,
        y: float,
        across: float,
        down: float,
        start: float,
        end: float,
        colour: Colour,
        width: float,
    ) -> None:
        """Draw a part of an ellipse's line, in degrees clockwise from three o'clock."""
        (left, top), (right, bottom) = _scaled([(x - across, y - down), (x + across, y + down)])
        self._draw.arc(
            (left, top, right, bottom), start, end, self.tone(colour), max(1, round(width * SCALE))
        )

    def line(self, points: Sequence[Point], colour: Colour, width: float, *, raw: bool = False) -> None:
        """Draw a line with round ends."""
        fill = colour if raw else self.tone(colour)
        self._draw.line(_scaled(points), fill, max(1, round(width * SCALE)), joint="curve")
        if width > 2:
            for x, y in (points[0], points[-1]):
                self.ellipse(x, y, width / 2, width / 2, fill, raw=True)

    def fade(self, points: Sequence[Point], top: Colour, low: Colour, *, raw: bool = False) -> None:
        """Fill a polygon with a colour that changes from top to bottom."""
        corners = _scaled(points)
        left, right = min(x for x, _ in corners), max(x for x, _ in corners)
        upper, lower = min(y for _, y in corners), max(y for _, y in corners)
        width, height = round(right - left) + 1, round(lower - upper) + 1
        if width < 2 or height < 2:
            return
        if not raw:
            top, low = self.tone(top), self.tone(low)
        colours = Image.composite(
            Image.new("RGB", (width, height), low),
            Image.new("RGB", (width, height), top),
            _downwards().resize((width, height)),
        )
        mask = Image.new("L", (width, height))
        ImageDraw.Draw(mask).polygon([(x - left, y - upper) for x, y in corners], fill=255)
        self.image.paste(colours, (round(left), round(upper)), mask)

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float) -> None:
        """Let light fall around (x, y)."""
        if strength <= 0 or radius <= 1:
            return
        size = round(2 * radius * SCALE)
        left, top = round((x - radius) * SCALE), round((y - radius) * SCALE)
        halo = (
            _halo()
            .resize((size, size), Image.Resampling.BICUBIC)
            .point(lambda value: round(value * strength))
        )
        light = Image.composite(Image.new("RGB", (size, size), colour), Image.new("RGB", (size, size)), halo)
        self._screen(light, left, top)

    def shaft(self, points: Sequence[Point], colour: Colour, strength: float, blur: float = 6) -> None:
        """Let light fall on a polygon with soft edges."""
        if strength <= 0:
            return
        corners = _scaled(points)
        margin = 3 * blur * SCALE
        left, right = min(x for x, _ in corners) - margin, max(x for x, _ in corners) + margin
        top, low = min(y for _, y in corners) - margin, max(y for _, y in corners) + margin
        # At half the size: it is blurred anyway.
        light = Image.new("RGB", (round((right - left) / 2), round((low - top) / 2)))
        ImageDraw.Draw(light).polygon(
            [((x - left) / 2, (y - top) / 2) for x, y in corners], fill=shade(colour, strength)
        )
        light = light.filter(ImageFilter.GaussianBlur(blur * SCALE / 2))
        self._screen(
            light.resize((light.width * 2, light.height * 2), Image.Resampling.BILINEAR),
            round(left),
            round(top),
        )

    def _screen(self, light: Image.Image, left: int, top: int) -> None:
        box = (
            max(0, left),
            max(0, top),
            min(self.image.width, left + light.width),
            min(self.image.height, top + light.height),
        )
        if box[0] >= box[2] or box[1] >= box[3]:
            return
        part = light.crop((box[0] - left, box[1] - top, box[2] - left, box[3] - top))
        self.image.paste(ImageChops.screen(self.image.crop(box), part), box[:2])

    def shadow(self, x: float, y: float, across: float, down: float, strength: float = 0.35) -> None:
        """Darken a soft ellipse."""
        box = [round(value * SCALE) for value in (2 * across, 2 * down)]
        if min(box) < 2:
            return
        dark = _halo().resize((box[0], box[1])).point(lambda value: round(min(255, value * 1.6) * strength))
        self.image.paste((0, 0, 0), (round((x - across) * SCALE), round((y - down) * SCALE)), dark)

    def haze(self, y: float, height: float, colour: Colour, strength: float) -> None:
        """Lay a band of mist, densest in its middle."""
        size = (WIDTH * SCALE, round(height * SCALE))
        band = _downwards().point(lambda value: round(255 * math.sin(math.pi * value / 255) ** 2 * strength))
        mask = band.resize(size)
        self.image.paste(colour, (0, round(y * SCALE)), mask)

    def veil(self, colour: Colour, strength: float) -> None:
        """Mix everything with a colour."""
        self._become(Image.blend(self.image, Image.new("RGB", self.image.size, colour), strength))

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float,
        colour: Colour,
        *,
        anchor: str = "mm",
        raw: bool = True,
    ) -> None:
        """Write words."""
        fill = colour if raw else self.tone(colour)
        self._draw.text((x * SCALE, y * SCALE), words, fill, font(round(size * SCALE)), anchor)

    def blur(self, radius: float) -> None:
        """Put everything drawn so far out of focus."""
        small = self.image.resize((WIDTH, HEIGHT), Image.Resampling.BOX).filter(
            ImageFilter.GaussianBlur(radius)
        )
        self._become(small.resize(self.image.size, Image.Resampling.BILINEAR))

    def zoom(self, x: float, y: float, by: float) -> None:
        """Move the camera closer, so that what was around (x, y) fills the picture."""
        width, height = WIDTH / by, HEIGHT / by
        left = min(max(0.0, x - width / 2), WIDTH - width)
        top = min(max(0.0, y - height / 2), HEIGHT - height)
        box = (left * SCALE, top * SCALE, (left + width) * SCALE, (top + height) * SCALE)
        self._become(self.image.resize(self.image.size, Image.Resampling.BICUBIC, box))

    def mirror(self) -> None:
        """Turn left and right around."""
        self._become(self.image.transpose(Image.Transpose.FLIP_LEFT_RIGHT))

    def finish(self, seed: int) -> None:
        """Make the picture as large as it shall be, with the grain of paper and darker corners."""
        picture = self.image.resize((WIDTH, HEIGHT), Image.Resampling.BOX)
        noise = Image.frombytes(
            "L", (WIDTH // 2, HEIGHT // 2), random.Random(seed).randbytes(WIDTH * HEIGHT // 4)
        )
        soft = noise.resize(picture.size, Image.Resampling.BILINEAR).convert("RGB")
        picture = Image.blend(picture, ImageChops.overlay(picture, soft), GRAIN)
        picture.paste((6, 6, 12), (0, 0), _corners())
        self._become(picture)

    def _become(self, image: Image.Image) -> None:
        self.image = image
        self._draw = ImageDraw.Draw(image)


@cache
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return Pillow's own font, so that every machine draws the same letters."""
    return ImageFont.load_default(size)


@cache
def _corners() -> Image.Image:
    wide, high = round(WIDTH * 1.5), round(HEIGHT * 1.7)
    left, top = (wide - WIDTH) // 2, (high - HEIGHT) // 2
    halo = _halo().resize((wide, high)).crop((left, top, left + WIDTH, top + HEIGHT))
    return halo.point(lambda value: round(max(0, 90 - value) / 90 * 70))


@cache
def _downwards() -> Image.Image:
    return Image.linear_gradient("L")


@cache
def _halo() -> Image.Image:
    # Pillow's is 0 in the middle and 181 at the middle of each edge: its corners are 255.
    def fall_off(value: int) -> int:
        return round(255 * max(0.0, 1 - value / 181) ** 2)

    return Image.radial_gradient("L").point(fall_off)


def _scaled(points: Sequence[Point]) -> list[Point]:
    return [(x * SCALE, y * SCALE) for x, y in points]
