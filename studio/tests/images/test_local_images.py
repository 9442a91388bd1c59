"""The local renderer: the same bytes for the same scene, and pictures that a person can tell apart."""

import io
import statistics
from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from PIL import Image, ImageChops, ImageFilter, ImageStat

from studio.images import SHOTS, SceneToDraw
from studio.images.drawing import LocalRenderer, draw
from studio.images.drawing.looks import PLACES, TIMES, read_look
from studio.images.drawing.people import person_called
from studio.sample import sample_text
from studio.script.scene_text import read_script

KITCHEN = SceneToDraw("INT. KITCHEN - DAY", "MARIA pours coffee.", ("MARIA", "TOM"), "wide", 5, "1")
# The picture between the bars, whose caption would make any two frames differ.
PICTURE = (0, 40, 960, 480)
OUTSIDE = (
    "forest",
    "street",
    "sea",
    "field",
    "mountain",
    "desert",
    "roof",
    "house",
    "terminal",
    "lighthouse",
)
INSIDE = ("kitchen", "office", "car", "bedroom", "bar", "shop", "library", "church", "corridor", "wheelhouse")


def picture(scene: SceneToDraw) -> Image.Image:
    return Image.open(io.BytesIO(draw(scene))).crop(PICTURE)


def mean(image: Image.Image, box: tuple[int, int, int, int] | None = None) -> list[float]:
    return ImageStat.Stat(image.crop(box) if box else image).mean


def light(image: Image.Image, box: tuple[int, int, int, int] | None = None) -> float:
    return statistics.fmean(mean(image, box))


def regions(image: Image.Image) -> list[float]:
    """Mean colours of 48 regions."""
    return [float(part) for part in image.resize((8, 6), Image.Resampling.BOX).tobytes()]


def lines(image: Image.Image) -> Image.Image:
    """Where the picture has edges, coarsely."""
    edges = image.convert("L").filter(ImageFilter.GaussianBlur(2)).filter(ImageFilter.FIND_EDGES)
    inner = edges.crop((4, 4, edges.width - 4, edges.height - 4))
    return inner.resize((64, 32), Image.Resampling.BOX).point(lambda value: 255 if value > 5 else 0)


def colour_distance(one: Image.Image, other: Image.Image) -> float:
    pairs = zip(regions(one), regions(other), strict=True)
    return statistics.fmean(abs(a - b) for a, b in pairs)


def edge_distance(one: Image.Image, other: Image.Image) -> float:
    """How much of both edge maps is not shared: 0 for the same drawing, 1 for nothing in common."""
    a, b = lines(one), lines(other)
    union = ImageStat.Stat(ImageChops.lighter(a, b)).sum[0]
    shared = ImageStat.Stat(ImageChops.darker(a, b)).sum[0]
    return 1 - shared / union


def test_the_same_scene_and_seed_give_the_same_bytes() -> None:
    """Drawing twice gives the same file; another seed another one."""
    assert draw(KITCHEN) == draw(KITCHEN)
    assert draw(KITCHEN) != draw(replace(KITCHEN, seed=6))


@pytest.mark.parametrize("names", [OUTSIDE, INSIDE])
def test_places_are_different_pictures(names: tuple[str, ...]) -> None:
    """Any two places differ in their colours or in their lines, by far more than two seeds of one place do."""
    prefix = "EXT" if names is OUTSIDE else "INT"
    drawn = {
        name: picture(SceneToDraw(f"{prefix}. {name.upper()} - DAY", "", (), "wide", 1)) for name in names
    }
    for one, other in combinations(names, 2):
        colours, edges = colour_distance(drawn[one], drawn[other]), edge_distance(drawn[one], drawn[other])
        assert colours > 9 or edges > 0.6, (one, other, colours, edges)


def test_times_of_day_have_their_light() -> None:
    """Night is the darkest and day the brightest, outside and inside; at dusk the horizon is warmer than the zenith."""
    for slug in ("EXT. STREET", "INT. KITCHEN"):
        shades = {time: light(picture(SceneToDraw(f"{slug} - {time}", "", (), "wide", 1))) for time in TIMES}
        assert shades["night"] < min(shades["dusk"], shades["dawn"]) < shades["day"]
        assert shades["day"] - shades["night"] > 40
    dusk = picture(SceneToDraw("EXT. FIELD - DUSK", "", (), "wide", 1))
    top, low = mean(dusk, (0, 0, 960, 60)), mean(dusk, (0, 150, 960, 205))
    assert low[0] - low[2] > top[0] - top[2] + 40


def test_the_window_shows_the_time_of_day() -> None:
    """Through the same window the sky is bright by day and dark at night, more so than the wall beside it."""
    pane = (412, 90, 536, 130)
    panes = {
        time: light(
            picture(SceneToDraw(f"INT. KITCHEN - {time}", "", (), "detail", 1, "")).resize((960, 440))
        )
        for time in ("DAY", "NIGHT")
    }
    assert panes["DAY"] > panes["NIGHT"] + 40
    wide = {
        time: light(_unmirrored(SceneToDraw(f"INT. KITCHEN - {time}", "", (), "wide", 1)), pane)
        for time in ("DAY", "DUSK", "NIGHT")
    }
    assert wide["DAY"] > wide["DUSK"] > wide["NIGHT"]


def _unmirrored(scene: SceneToDraw) -> Image.Image:
    """The picture with the kitchen's fridge at its right, where the room has it unless the camera was turned."""
    image = picture(scene)
    right, left = light(image, (680, 110, 750, 250)), light(image, (210, 110, 280, 250))
    return image if right > left else image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def test_shots_are_different_pictures() -> None:
    """Any two shots of one scene have other lines; a close-up has fewer than the wide shot."""
    drawn = {shot: picture(replace(KITCHEN, shot=shot)) for shot in SHOTS}
    for one, other in combinations(SHOTS, 2):
        assert edge_distance(drawn[one], drawn[other]) > 0.45, (one, other)
    count = {shot: ImageStat.Stat(lines(image)).sum[0] for shot, image in drawn.items()}
    assert count["close-up"] < count["wide"]


def test_people_keep_their_colours_and_wear_their_initials() -> None:
    """A character's coat is in every shot that shows them, whatever the seed; without people it is in none."""
    kofi = person_called("KOFI")
    assert kofi.initials == "KO"
    assert person_called("Tom Hale").initials == "TH"
    alone = replace(KITCHEN, characters=("KOFI",))
    for shot, seed in (("wide", 1), ("wide", 2), ("medium", 3), ("close-up", 4)):
        assert _share(picture(replace(alone, shot=shot, seed=seed)), kofi.coat) > 0.0015, (shot, seed)
    assert _share(picture(replace(KITCHEN, characters=(), action="Nobody.")), kofi.coat) < 0.0005


def _share(image: Image.Image, colour: tuple[int, int, int]) -> float:
    """Return the part of the picture that has a colour, give or take the grain."""
    away = ImageChops.difference(image, Image.new("RGB", image.size, colour))
    near = [channel.point(lambda value: 255 if value < 24 else 0) for channel in away.split()]
    both = ImageChops.darker(ImageChops.darker(near[0], near[1]), near[2])
    return ImageStat.Stat(both).mean[0] / 255


def test_weather_shows_outside_only() -> None:
    """Fog makes a street pale, and is not seen in a kitchen."""
    clear, foggy = (picture(SceneToDraw("EXT. STREET - DAY", words, (), "wide", 1)) for words in ("", "Fog."))
    spread = [statistics.fmean(ImageStat.Stat(image).stddev) for image in (clear, foggy)]
    assert spread[1] < spread[0] * 0.9
    one, other = (draw(SceneToDraw("INT. KITCHEN - DAY", words, (), "wide", 1)) for words in ("", "Fog."))
    assert one == other


@pytest.mark.parametrize(
    ("slug", "place", "inside", "time"),
    [
        ("INT. INES'S KITCHEN - NIGHT", "kitchen", True, "night"),
        ("EXT. BREAKWATER - DUSK", "sea", False, "dusk"),
        ("INT. FERRY MARIGOLD, WHEELHOUSE - DAY", "wheelhouse", True, "day"),
        ("INT. LOST PROPERTY OFFICE - MORNING", "shop", True, "morning"),
        ("INT. PELHAM'S OFFICE - DAY", "office", True, "day"),
        ("EXT. PORT AVERIL FERRY TERMINAL - DAWN", "terminal", False, "dawn"),
        ("EXT. FOREST ROAD - LATER", "forest", False, "day"),
        ("I/E. CAR - NIGHT", "car", True, "night"),
        ("INT. CAR/EXT. STREET - SUNSET", "car", True, "dusk"),
        ("EXT. OFFICE - DAY", "street", False, "day"),
        ("INT. FOREST - DAY", "living room", True, "day"),
        ("", "living room", True, "day"),
        ("SOMEWHERE", "living room", True, "day"),
    ],
)
def test_what_is_read_from_a_slugline(slug: str, place: str, inside: bool, time: str) -> None:
    """Place, inside or outside, and the time of day are read from the slugline's words."""
    look = read_look(SceneToDraw(slug, "", ()))
    assert (look.place, look.inside, look.time) == (place, inside, time)


def test_the_action_helps_where_the_slugline_says_nothing() -> None:
    """A place that only the action names is drawn, and the thing that it speaks of most becomes the detail."""
    look = read_look(
        SceneToDraw(
            "INT. SOMEWHERE - DAY", "A kitchen. She puts the letter on the letter rack, a cup beside it."
        )
    )
    assert (look.place, look.prop) == ("kitchen", "letter")


def test_every_scene_of_the_sample_is_another_picture() -> None:
    """No two neighbouring scenes of the sample look the same, in the same shot, with the same seed."""
    _, scenes = read_script(sample_text())
    drawn = [
        picture(
            SceneToDraw(
                scene.slugline,
                "\n".join(block["text"] for block in scene.blocks if block["type"] == "action"),
                tuple(scene.characters),
                "wide",
                1,
            )
        )
        for scene in scenes
    ]
    for number, (one, other) in enumerate(pairwise(drawn)):
        assert colour_distance(one, other) > 3 or edge_distance(one, other) > 0.3, number


@pytest.mark.parametrize("shot", SHOTS)
@pytest.mark.parametrize("inside", [True, False])
def test_every_place_can_be_drawn_in_every_shot(shot: str, inside: bool) -> None:
    """Whatever place, time and number of people, a picture comes out."""
    for number, place in enumerate(PLACES):
        time = list(TIMES)[number % len(TIMES)].upper()
        people = ("ADA", "Bo Li", "C", "4TH GUARD", "É", "F")[: number % 7]
        slug = f"{'INT' if inside else 'EXT'}. {place.upper()} - {time}"
        if (number + len(shot)) % 7 == 0:  # a part of them, so that all tests together take seconds
            assert picture(SceneToDraw(slug, "rain", people, shot, number)).size == (960, 440)


@pytest.mark.parametrize("name", ["", "?", "…", "M", "É", "李", "A" * 300, "\u202e"])
def test_any_name_is_somebody(name: str) -> None:
    """Names of any letters, or none, give a person with initials, and a slugline of them a picture."""
    assert 1 <= len(person_called(name).initials) <= 4
    assert draw(SceneToDraw(f"INT. {name} - DAY", name, (name,), "wide", 1)).startswith(b"\x89PNG")


async def test_the_renderer_says_what_it_made() -> None:
    """The image comes with its prompt, costs nothing, and is the PNG that `draw` returns."""
    image = await LocalRenderer().make(KITCHEN)
    assert image.data == draw(KITCHEN)
    assert (image.media_type, image.cost) == ("image/png", 0.0)
    assert "KITCHEN" in image.prompt
