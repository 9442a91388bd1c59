"""Read from a scene's words what a picture of it has to show. Pure."""

import re
from dataclasses import dataclass

from studio.images.rendering import SceneToDraw

# The first place whose words occur wins, so the special stand before the general.
PLACES: dict[str, str] = {
    "wheelhouse": r"wheelhouse|bridge of the ship|ship'?s bridge|pilot ?house|cockpit|helm",
    "car": r"\bcar\b|taxi|\bcab\b|\bvan\b|truck|\bbus\b|limousine|backseat",
    "train": r"train|carriage|tram|subway car|metro car",
    "lighthouse": r"lighthouse|lantern room",
    "kitchen": r"kitchen|pantry|galley",
    "bedroom": r"bed ?room|nursery|hotel room|motel|dormitory|ward\b|hospital",
    "bathroom": r"bath ?room|shower|toilet|restroom",
    "bar": r"\bbar\b|\bpub\b|tavern|saloon|night ?club|caf[eé]|diner|restaurant|coffee ?shop|canteen",
    "shop": r"shop|store|market stall|counter|lost property|pharmacy|bakery|post office|archive|warehouse",
    "library": r"library|study|book|museum|gallery",
    "office": r"office|newsroom|police station|precinct|agency|bank|headquarters|laborator|\blab\b",
    "classroom": r"class ?room|school|lecture|university|courtroom",
    "church": r"church|chapel|cathedral|temple|monastery",
    "corridor": r"corridor|hall ?way|hallway|stair ?well|staircase|tunnel|basement|cellar|lift\b|elevator",
    "theatre": r"theat(?:re|er)|stage|concert|cinema|auditorium",
    "terminal": r"terminal|station|airport|platform|depot|dock ?side|pier|harbou?r|quay|port\b",
    "sea": r"\bsea\b|ocean|breakwater|beach|shore|coast|boat|ferry|ship\b|island|lake|river|cliff|jetty|deck\b",
    "forest": r"forest|wood(?:s|land)?\b|jungle|grove|orchard|trees",
    "mountain": r"mountain|peak|summit|valley|glacier|canyon",
    "desert": r"desert|dune|wasteland|salt (?:flat|works)|mars|moon surface",
    "field": r"field|farm|meadow|hill|country|garden|park\b|cemetery|graveyard|lawn|yard|moor",
    "roof": r"roof|balcony|terrace",
    "house": r"house|cottage|cabin|villa|mansion|home\b|porch|barn|steps",
    "street": r"street|road|alley|avenue|square|city|town|village|bridge|crossing|highway|pavement|sidewalk",
    "living room": r"living ?room|lounge|parlou?r|apartment|flat\b|sitting ?room",
}
OUTSIDE_ONLY = {"sea", "forest", "mountain", "desert", "field", "roof", "street", "house"}
INSIDE_ONLY = {
    *("wheelhouse", "kitchen", "bedroom", "bathroom", "bar", "shop", "library", "office", "classroom"),
    *("church", "corridor", "theatre", "living room", "car", "train"),
}
# What stands for a place on the other side of its door.
OTHER_SIDE = {
    "wheelhouse": "sea",
    "car": "street",
    "train": "terminal",
    "lighthouse": "lighthouse",
    "church": "house",
    "sea": "wheelhouse",
    "street": "living room",
    "house": "living room",
    "roof": "living room",
    "forest": "living room",
    "field": "living room",
    "mountain": "corridor",
    "desert": "corridor",
}
TIMES: dict[str, str] = {
    "dawn": r"dawn|sunrise|daybreak|first light",
    "morning": r"morning",
    "dusk": r"dusk|sunset|twilight|evening|magic hour|golden hour",
    "night": r"night|midnight|small hours",
    "day": r"day\b|noon|afternoon",
}
WEATHER: dict[str, str] = {
    "fog": r"\bfog|\bmist\b|haze|smoke",
    "snow": r"\bsnow",
    "rain": r"\brain|storm|downpour|drizzle",
}
PROPS: dict[str, str] = {
    "umbrella": r"umbrella",
    "tape": r"cassette|\btapes?\b|recorder|answering machine|radio",
    "letter": r"letter|envelope|telegram|postcard|note\b",
    "book": r"ledger|book|diary|journal|script\b",
    "phone": r"phone|mobile|screen",
    "cup": r"\bcups?\b|\bmugs?\b|coffee|\btea\b|kettle|soup|teapot",
    "key": r"\bkeys?\b|lock\b",
    "candle": r"candle|match\b|lantern|flame|torch",
    "bottle": r"bottle|wine|whisky|glass of",
    "clock": r"clock|watch\b|timer|alarm",
    "photograph": r"photo|picture|portrait|polaroid|painting",
    "pencil": r"pencil|\bpen\b|brush|chalk",
    "case": r"suitcase|briefcase|\bbag\b|box\b|parcel|package|crate",
    "flower": r"flower|rose|bouquet|plant",
    "knife": r"knife|dagger|blade",
    "map": r"\bmap\b|chart|blueprint|\bplan\b",
}


@dataclass(frozen=True)
class Look:
    """What to draw."""

    place: str
    inside: bool
    time: str
    weather: str | None
    people: tuple[str, ...]
    prop: str
    shot: str
    seed: int
    caption: str
    number: str


def read_look(scene: SceneToDraw) -> Look:
    """Return what a picture of a scene shows; words that say nothing give a plain room by day."""
    slug = scene.slugline.lower()
    action = scene.action.lower()
    inside = _is_inside(slug)
    return Look(
        place=_place(slug, action, inside),
        inside=inside,
        time=_first(TIMES, slug) or _first(TIMES, action[:200]) or "day",
        weather=_first(WEATHER, slug) or _first(WEATHER, action),
        people=_people(scene),
        prop=_most_mentioned(PROPS, action) or _first(PROPS, slug) or "",
        shot=scene.shot,
        seed=scene.seed,
        caption=scene.slugline.strip() or "Untitled scene",
        number=scene.number,
    )


def _is_inside(slug: str) -> bool:
    if re.match(r"\.?\s*(?:int|i)\b", slug):
        return True
    if re.match(r"\.?\s*(?:ext|e)\b", slug):
        return False
    place = _first(PLACES, slug)
    return place is None or place not in OUTSIDE_ONLY


def _place(slug: str, action: str, inside: bool) -> str:
    place = _first(PLACES, slug)
    if place is None:
        unfit = OUTSIDE_ONLY if inside else INSIDE_ONLY
        place = _first({name: words for name, words in PLACES.items() if name not in unfit}, action)
    if place is None:
        return "living room" if inside else "street"
    if (inside and place in OUTSIDE_ONLY) or (not inside and place in INSIDE_ONLY):
        return OTHER_SIDE.get(place, "living room" if inside else "street")
    return place


def _people(scene: SceneToDraw) -> tuple[str, ...]:
    """Return who is there: those who speak, then those whom the action names in capitals."""
    names = list(scene.characters)
    for name in re.findall(r"\b[A-ZÀ-Þ][A-ZÀ-Þ'.-]{2,}(?: [A-ZÀ-Þ][A-ZÀ-Þ'.-]+)*(?= \(\d)", scene.action):
        if not any(known.upper() in name or name in known.upper() for known in names):
            names.append(name)
    return tuple(dict.fromkeys(names))


def _first(words: dict[str, str], text: str) -> str | None:
    return next((name for name, pattern in words.items() if re.search(pattern, text)), None)


def _most_mentioned(words: dict[str, str], text: str) -> str | None:
    """Return the thing that is spoken of most, and of those the one that comes first in the list."""
    counts = {name: len(re.findall(pattern, text)) for name, pattern in words.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else None
