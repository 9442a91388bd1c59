"""The contact sheet: a page made for printing, each scene with its favourite and its other frames."""

from html import escape

from studio.storyboard.views import FrameView, SceneFramesView, StoryboardView

STYLE = """
@page { size: A4 landscape; margin: 12mm; }
body { margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #222; font: 14px/1.4 Georgia, serif; }
h1 { font-size: 1.6rem; margin: 0 0 1.5rem; }
section { break-inside: avoid; margin: 0 0 1.4rem; border-top: 1px solid #bbb; padding-top: .6rem; }
h2 { margin: 0 0 .2rem; font: 700 13px/1.3 "Courier New", monospace; }
p { margin: 0 0 .5rem; color: #555; }
.frames { display: grid; grid-template-columns: repeat(4, 1fr); gap: 8px; }
figure { margin: 0; } figure.favourite { grid-column: span 2; grid-row: span 2; }
img { display: block; width: 100%; aspect-ratio: 16 / 9; object-fit: contain; background: #111; }
figcaption { color: #555; font: 11px/1.4 sans-serif; }
@media print { body { margin: 0; max-width: none; padding: 0; } }
"""


def to_html(storyboard: StoryboardView) -> str:
    """Return the storyboard as a page made for printing, or for saving as PDF."""
    title = escape(storyboard.project_title)
    scenes = "".join(_scene(scene, place + 1) for place, scene in enumerate(storyboard.scenes))
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title} · Storyboard</title>'
        f"<style>{STYLE}</style><h1>{title}</h1>{scenes}</html>"
    )


def _scene(scene: SceneFramesView, place: int) -> str:
    shown = [frame for frame in scene.frames if not frame.discarded and frame.replaced_by is None]
    shown.sort(key=lambda frame: not frame.favourite)
    heading = escape(f"{scene.scene_number or place}  {scene.slugline or 'Untitled scene'}")
    frames = "".join(map(_figure, shown)) or "<p>No image yet.</p>"
    return f'<section><h2>{heading}</h2><p>{escape(scene.excerpt)}</p><div class="frames">{frames}</div></section>'


def _figure(frame: FrameView) -> str:
    mark = ' class="favourite"' if frame.favourite else ""
    words = escape(f"{frame.shot} · seed {frame.seed}")
    return f'<figure{mark}><img src="{escape(frame.url)}" alt="{words}"><figcaption>{words}</figcaption></figure>'
