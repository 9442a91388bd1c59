"""The words in which an image of a scene is asked for."""

from studio.images.rendering import SceneToDraw
from studio.images.shots import WORDS

STYLE = "Storyboard frame of a film: loose ink lines and flat washes, cinematic light, no text, no letters, no borders."
LONGEST_ACTION = 1500
MOST_CHARACTERS = 6


def prompt_for(scene: SceneToDraw) -> str:
    """Return the prompt for one image of a scene."""
    parts = [STYLE, WORDS.get(scene.shot, "")]
    if scene.slugline:
        parts.append(f"Place and time: {scene.slugline.strip()}.")
    if scene.characters:
        parts.append(f"Characters: {', '.join(scene.characters[:MOST_CHARACTERS])}.")
    if action := " ".join(scene.action.split()):
        parts.append(f"What happens: {_cut(action)}")
    return "\n".join(part for part in parts if part)


def _cut(words: str) -> str:
    return words if len(words) <= LONGEST_ACTION else words[:LONGEST_ACTION].rsplit(" ", 1)[0] + " …"
