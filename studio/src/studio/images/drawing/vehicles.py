"""The insides of cars, trains and ships."""

from studio.images.drawing.canvas import HEIGHT, WIDTH, mix, shade
from studio.images.drawing.moments import Colour
from studio.images.drawing.rooms import lamp, view
from studio.images.drawing.skies import sky
from studio.images.drawing.stage import Stage


def car(stage: Stage) -> None:
    """The inside of a car, the road ahead through the windscreen."""
    canvas, moment, rng = stage.canvas, stage.moment, stage.rng
    sky(canvas, moment, rng)
    canvas.fade([(0, 240), (WIDTH, 240), (WIDTH, 340), (0, 340)], (120, 132, 100), (92, 100, 76))
    canvas.polygon([(460, 240), (500, 240), (720, 340), (240, 340)], (92, 92, 98))
    for part in (0.1, 0.34, 0.66):
        y = 242 + 98 * part
        canvas.polygon(
            [(478, y), (482, y), (482 + 10 * part, y + 22), (478 - 10 * part, y + 22)], (232, 226, 196)
        )
    if moment.lamps > 0.5:
        canvas.shaft([(400, 330), (560, 330), (620, 250), (340, 250)], (255, 244, 200), 0.4, 10)
    dark: Colour = (52, 50, 56)
    canvas.polygon([(0, 0), (WIDTH, 0), (WIDTH, 44), (800, 58), (160, 58), (0, 44)], dark)
    canvas.polygon([(0, 0), (120, 0), (210, 320), (120, 320), (0, 200)], dark)
    canvas.polygon([(WIDTH, 0), (WIDTH - 120, 0), (WIDTH - 210, 320), (WIDTH - 120, 320), (WIDTH, 200)], dark)
    canvas.round_box(420, 64, 120, 34, 10, (34, 34, 40))
    canvas.round_box(428, 70, 104, 22, 6, mix(moment.sky_low, (40, 40, 50), 0.35), raw=True)
    canvas.fade(
        [(0, 330), (280, 306), (680, 306), (WIDTH, 330), (WIDTH, HEIGHT), (0, HEIGHT)],
        (72, 68, 72),
        (38, 36, 40),
    )
    for x in (270.0, 330.0):
        canvas.ellipse(x, 340, 22, 18, (24, 24, 28))
        canvas.arc(x, 340, 18, 14, 150, 330, (120, 230, 190), 2)
    canvas.arc(300, 420, 130, 112, 180, 360, (28, 26, 30), 17)
    canvas.line([(300, 420), (300, 330)], (28, 26, 30), 12)
    canvas.glow(300, 340, 100, (120, 230, 190), 0.3 * moment.lamps)


def train(stage: Stage) -> None:
    """A carriage: a row of windows with the land going by, seats on both sides."""
    canvas, moment, rng = stage.canvas, stage.moment, stage.rng
    canvas.box(0, 0, WIDTH, HEIGHT, (196, 186, 166))
    for number in range(4):
        x = 24.0 + number * 236
        canvas.round_box(x - 8, 62, 220, 166, 18, (150, 140, 122))
        view(canvas, x, 70, 204, 150, moment, rng)
    canvas.box(0, 26, WIDTH, 16, (130, 100, 66))
    for x in map(float, range(30, WIDTH, 120)):
        canvas.line([(x, 42), (x + 14, 30)], (110, 84, 56), 3)
    canvas.fade([(0, 250), (WIDTH, 250), (WIDTH, HEIGHT), (0, HEIGHT)], (128, 118, 104), (92, 84, 76))
    for number in range(4):
        x = -20 + number * 268
        canvas.round_box(x, 210, 70, 150, 16, (112, 44, 50))
        canvas.round_box(x, 310, 150, 60, 14, (136, 56, 60))
    for x in (150, 480, 810):
        canvas.ellipse(x, 14, 40, 8, (255, 244, 214), raw=True)
        canvas.glow(x, 20, 170, (255, 236, 190), 0.5 * moment.lamps)


def wheelhouse(stage: Stage) -> None:
    """A ship's wheelhouse: the sea through a row of windows, the wheel, a compass."""
    canvas, moment, rng = stage.canvas, stage.moment, stage.rng
    sky(canvas, moment, rng)
    deep = mix((36, 92, 116), moment.sky_top, 0.25)
    canvas.fade(
        [(0, 190), (WIDTH, 190), (WIDTH, 300), (0, 300)], mix(deep, moment.sky_low, 0.4), shade(deep, 0.7)
    )
    for row in range(9):
        y = 196 + row * row * 1.1
        for _ in range(5):
            x = rng.uniform(0, WIDTH)
            canvas.arc(x, y + 3, 12 + row * 6, 3, 200, 340, mix(deep, (240, 246, 246), 0.4), 1.2)
    canvas.polygon([(400, 262), (560, 262), (620, 300), (340, 300)], (232, 228, 218))
    frame: Colour = (146, 96, 58)
    canvas.box(0, 0, WIDTH, 66, (214, 204, 180))
    canvas.box(0, 62, WIDTH, 12, frame)
    for x in (0, 232, 472, 712, WIDTH - 16):
        canvas.box(x, 66, 16, 214, frame)
    canvas.fade([(0, 274), (WIDTH, 274), (WIDTH, HEIGHT), (0, HEIGHT)], (170, 116, 72), (104, 70, 48))
    canvas.box(0, 270, WIDTH, 13, shade(frame, 0.8))
    for x, colour in ((650, (190, 160, 84)), (720, (60, 66, 74)), (790, (60, 66, 74))):
        canvas.ellipse(x, 320, 27, 27, colour)
        canvas.ellipse(x, 320, 21, 21, (238, 234, 220))
        canvas.line([(x, 320), (x + rng.uniform(-14, 14), 304)], (170, 44, 40), 2.4)
    canvas.arc(330, 350, 82, 82, 0, 360, (124, 74, 44), 13)
    for spoke in range(8):
        dx, dy = ((1, 0), (0.7, 0.7), (0, 1), (-0.7, 0.7), (-1, 0), (-0.7, -0.7), (0, -1), (0.7, -0.7))[spoke]
        canvas.line([(330 + 12 * dx, 350 + 12 * dy), (330 + 106 * dx, 350 + 106 * dy)], (150, 92, 54), 7)
    canvas.ellipse(330, 350, 18, 18, (190, 160, 84))
    canvas.box(326, 366, 8, 74, (92, 60, 40))
    lamp(canvas, 600, 44, moment, size=13)
