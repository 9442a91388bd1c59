"""The one thing that a detail shot shows, large."""

import math
from collections.abc import Callable
from random import Random

from studio.images.drawing.canvas import Canvas, shade
from studio.images.drawing.moments import Colour, Moment
from studio.images.drawing.skies import WARM
from studio.images.drawing.stage import Stage

Drawer = Callable[[Stage], None]
X, FOOT = 480.0, 356.0


def draw_prop(canvas: Canvas, prop: str, moment: Moment, colour: Colour, rng: Random) -> None:
    """Draw a thing on a table, `colour` being that of the person it belongs to."""
    canvas.shadow(X + 30, FOOT + 4, 250, 40, 0.55)
    PROPS.get(prop, key)(Stage(canvas, moment, rng, colour))


def umbrella(stage: Stage) -> None:
    canvas, colour = stage.canvas, stage.colour
    canvas.line([(480, 130), (480, 372)], (90, 66, 48), 7)
    canvas.arc(460, 368, 20, 24, 0, 180, (90, 66, 48), 8)
    canvas.line([(480, 96), (480, 130)], (60, 60, 66), 4)
    for rib in range(6):
        left, right = 260 + rib * 73.4, 260 + (rib + 1) * 73.4
        dip = 236 + 24 * abs(rib - 2.5) ** 0.5
        canvas.polygon(
            [
                (480, 112),
                (left, dip),
                ((left + right) / 2, dip - 22),
                (right, 236 + 24 * abs(rib - 1.5) ** 0.5),
            ],
            shade(colour, 0.7 + 0.09 * rib),
        )


def tape(stage: Stage) -> None:
    canvas, colour, rng = stage.canvas, stage.colour, stage.rng
    canvas.round_box(300, 176, 360, 186, 14, (48, 50, 58))
    canvas.round_box(324, 196, 312, 104, 8, (232, 224, 204))
    canvas.box(324, 204, 312, 18, colour)
    for row in (232, 244):
        canvas.line([(344, row), (600, row)], (150, 146, 140), 2)
    canvas.round_box(376, 252, 208, 44, 20, (40, 42, 48))
    for x in (420, 540):
        canvas.ellipse(x, 274, 24, 20, (220, 216, 206))
        for tooth in range(6):
            turn = tooth * math.pi / 3 + rng.random()
            canvas.line([(x, 274), (x + 15 * math.cos(turn), 274 + 13 * math.sin(turn))], (60, 62, 68), 5)
        canvas.ellipse(x, 274, 8, 7, (60, 62, 68))
    canvas.polygon([(370, 362), (392, 318), (568, 318), (590, 362)], (62, 64, 72))


def letter(stage: Stage) -> None:
    canvas, colour, rng = stage.canvas, stage.colour, stage.rng
    canvas.polygon([(290, 200), (640, 170), (676, 336), (310, 372)], (242, 234, 214))
    canvas.polygon([(290, 200), (640, 170), (484, 292)], (226, 214, 188))
    canvas.line([(290, 200), (484, 292), (640, 170)], (184, 170, 142), 3)
    canvas.polygon([(330, 150), (600, 128), (610, 200), (484, 286), (348, 214)], (252, 250, 244))
    for row in range(4):
        canvas.line(
            [(356, 170 + row * 18), (356 + rng.uniform(120, 210), 155 + row * 18)], (90, 96, 120), 2.6
        )
    canvas.ellipse(486, 290, 25, 22, colour)
    canvas.ellipse(486, 290, 16, 14, shade(colour, 0.8))


def book(stage: Stage) -> None:
    canvas, colour, rng = stage.canvas, stage.colour, stage.rng
    canvas.polygon(
        [(246, 240), (480, 264), (716, 236), (756, 356), (480, 384), (206, 360)], shade(colour, 0.62)
    )
    canvas.polygon([(262, 226), (480, 256), (480, 370), (228, 346)], (246, 240, 222))
    canvas.polygon([(700, 222), (480, 256), (480, 370), (736, 342)], (234, 226, 204))
    for row in range(7):
        y = 250 + row * 14
        canvas.line(
            [(268 - row * 3, y - 6 + row), (268 - row * 3 + rng.uniform(120, 180), y + 12 + row)],
            (104, 84, 140),
            2.2,
        )
        canvas.line([(506, y + 14), (506 + rng.uniform(120, 190), y - 5)], (104, 84, 140), 2.2)
    canvas.line([(600, 200), (668, 296)], (110, 70, 140), 8)
    canvas.polygon([(664, 292), (674, 292), (676, 308)], (240, 214, 170))


def phone(stage: Stage) -> None:
    canvas, moment, colour = stage.canvas, stage.moment, stage.colour
    canvas.round_box(398, 110, 164, 262, 22, (32, 34, 40))
    canvas.round_box(408, 126, 144, 228, 8, (206, 226, 240), raw=True)
    canvas.glow(480, 240, 260, (150, 196, 236), 0.3 + 0.45 * moment.lamps)
    for row, (left, wide) in enumerate(((418, 84), (458, 84), (418, 104), (478, 64))):
        canvas.round_box(left, 150 + row * 44, wide, 30, 12, colour if row % 2 else (250, 250, 250), raw=True)


def cup(stage: Stage) -> None:
    canvas, colour, rng = stage.canvas, stage.colour, stage.rng
    canvas.ellipse(480, 356, 190, 32, (236, 230, 220))
    canvas.ellipse(480, 350, 150, 22, (206, 198, 186))
    canvas.arc(612, 262, 46, 46, 260, 100, shade(colour, 0.85), 16)
    canvas.fade([(364, 200), (596, 200), (560, 346), (400, 346)], shade(colour, 1.15), shade(colour, 0.72))
    canvas.ellipse(480, 346, 80, 14, shade(colour, 0.72))
    canvas.ellipse(480, 200, 116, 25, shade(colour, 1.25))
    canvas.ellipse(480, 202, 104, 19, (92, 58, 38))
    for number in range(3):
        x = 436 + number * 44
        points = [
            (x + 11 * math.sin(step / 2 + number + rng.random() / 4), 188 - step * 11) for step in range(11)
        ]
        canvas.line(points, (236, 232, 226), 3.4)


def key(stage: Stage) -> None:
    canvas, colour = stage.canvas, stage.colour
    brass: Colour = (206, 166, 78)
    canvas.arc(340, 262, 66, 60, 0, 360, brass, 22)
    canvas.polygon([(396, 268), (690, 316), (686, 338), (392, 292)], brass)
    canvas.polygon([(640, 326), (660, 329), (652, 374), (634, 371)], shade(brass, 0.88))
    canvas.polygon([(676, 330), (694, 333), (684, 384), (668, 381)], shade(brass, 0.88))
    canvas.line([(400, 272), (684, 320)], shade(brass, 1.3), 3)
    canvas.line([(326, 316), (300, 352), (262, 366)], (150, 120, 90), 4)
    canvas.polygon([(190, 340), (268, 346), (262, 396), (184, 388)], (232, 208, 160))
    canvas.box(200, 356, 44, 4, colour)
    canvas.box(200, 368, 34, 4, colour)


def candle(stage: Stage) -> None:
    canvas = stage.canvas
    canvas.ellipse(480, 366, 120, 20, (176, 136, 66))
    canvas.box(456, 196, 48, 164, (244, 236, 214))
    canvas.polygon([(456, 196), (466, 230), (474, 200), (490, 244), (504, 196)], (226, 214, 184))
    canvas.line([(480, 196), (480, 178)], (50, 40, 36), 3)
    canvas.polygon([(480, 96), (500, 160), (480, 186), (460, 160)], (255, 186, 70), raw=True)
    canvas.polygon([(480, 130), (490, 164), (480, 182), (470, 164)], (255, 246, 206), raw=True)
    canvas.glow(480, 150, 330, (255, 190, 96), 0.85)


def bottle(stage: Stage) -> None:
    canvas, colour = stage.canvas, stage.colour
    glass: Colour = (48, 92, 66)
    canvas.round_box(392, 186, 104, 180, 16, glass)
    canvas.polygon([(398, 196), (424, 136), (464, 136), (490, 196)], glass)
    canvas.box(426, 84, 36, 60, glass)
    canvas.box(424, 78, 40, 18, (150, 60, 54))
    canvas.round_box(396, 236, 96, 84, 3, (238, 226, 194))
    canvas.box(408, 252, 72, 10, colour)
    canvas.line([(404, 200), (404, 350)], shade(glass, 1.7), 4)
    canvas.polygon([(560, 236), (652, 236), (636, 300), (576, 300)], (206, 220, 224))
    canvas.polygon([(566, 262), (646, 262), (634, 298), (578, 298)], (168, 40, 52))
    canvas.line([(606, 300), (606, 356)], (206, 220, 224), 5)
    canvas.ellipse(606, 360, 38, 8, (206, 220, 224))


def clock(stage: Stage) -> None:
    canvas, colour, rng = stage.canvas, stage.colour, stage.rng
    for side in (-1, 1):
        canvas.ellipse(480 + side * 66, 122, 40, 30, shade(colour, 0.8))
        canvas.line([(480 + side * 70, 330), (480 + side * 92, 370)], (60, 58, 60), 12)
    canvas.ellipse(480, 240, 128, 126, colour)
    canvas.ellipse(480, 240, 108, 106, (250, 246, 232))
    for hour in range(12):
        turn = hour * math.pi / 6
        canvas.line(
            [
                (480 + 88 * math.sin(turn), 240 - 86 * math.cos(turn)),
                (480 + 99 * math.sin(turn), 240 - 97 * math.cos(turn)),
            ],
            (50, 48, 50),
            5 if hour % 3 == 0 else 2.5,
        )
    turn = rng.uniform(0, 2 * math.pi)
    canvas.line([(480, 240), (480 + 52 * math.sin(turn), 240 - 52 * math.cos(turn))], (40, 38, 40), 8)
    canvas.line(
        [(480, 240), (480 + 84 * math.sin(turn * 12), 240 - 84 * math.cos(turn * 12))], (40, 38, 40), 5
    )
    canvas.ellipse(480, 240, 8, 8, (170, 50, 44))


def photograph(stage: Stage) -> None:
    canvas, colour = stage.canvas, stage.colour
    canvas.polygon([(330, 130), (620, 104), (652, 348), (352, 378)], (250, 248, 242))
    canvas.polygon([(348, 146), (606, 123), (627, 294), (368, 318)], (186, 168, 136))
    canvas.polygon([(360, 250), (440, 196), (520, 240), (616, 200), (627, 294), (368, 318)], (128, 116, 92))
    canvas.ellipse(470, 212, 27, 32, (226, 196, 160))
    canvas.polygon([(424, 306), (444, 252), (502, 248), (528, 298)], colour)
    canvas.ellipse(546, 236, 18, 22, (206, 170, 136))
    canvas.polygon([(520, 298), (532, 262), (568, 260), (584, 292)], shade(colour, 0.6))


def pencil(stage: Stage) -> None:
    canvas, colour, rng = stage.canvas, stage.colour, stage.rng
    canvas.polygon([(250, 250), (560, 214), (596, 356), (270, 384)], (246, 240, 224))
    for row in range(5):
        canvas.line(
            [(282 + row * 4, 272 + row * 20), (282 + row * 4 + rng.uniform(150, 230), 250 + row * 20)],
            (116, 84, 150),
            2.6,
        )
    canvas.polygon([(500, 316), (520, 294), (716, 138), (742, 168), (540, 322)], colour)
    canvas.polygon([(520, 294), (716, 138), (726, 150), (530, 308)], shade(colour, 1.25))
    canvas.polygon([(500, 316), (520, 294), (540, 322), (478, 338)], (236, 206, 160))
    canvas.polygon([(478, 338), (490, 326), (496, 334)], (90, 56, 130))


def case(stage: Stage) -> None:
    canvas, colour = stage.canvas, stage.colour
    leather: Colour = (146, 94, 60)
    canvas.arc(480, 162, 50, 34, 180, 360, shade(leather, 0.5), 13)
    canvas.round_box(290, 160, 380, 208, 18, leather)
    canvas.round_box(290, 160, 380, 84, 18, shade(leather, 1.12))
    canvas.line([(290, 250), (670, 250)], shade(leather, 0.6), 4)
    for x in (350, 590):
        canvas.box(x, 160, 22, 208, shade(leather, 0.68))
        canvas.round_box(x - 6, 238, 34, 26, 4, (212, 178, 92))
    canvas.polygon([(520, 262), (578, 270), (568, 330), (512, 322)], (234, 212, 164))
    canvas.box(524, 286, 34, 5, colour)


def flower(stage: Stage) -> None:
    canvas, colour, rng = stage.canvas, stage.colour, stage.rng
    canvas.polygon([(430, 256), (530, 256), (514, 366), (446, 366)], (96, 134, 160))
    for stem in range(5):
        x, y = 400 + stem * 40, 150 + 24 * abs(stem - 2) - 10
        canvas.line([(480, 262), ((480 + x) / 2, 214), (x, y)], (70, 120, 66), 5)
        petal = colour if stem % 2 == 0 else (236, 196, 96)
        for part in range(7):
            turn = part * math.tau / 7 + rng.random() / 5
            canvas.ellipse(
                x + 21 * math.cos(turn), y + 21 * math.sin(turn), 15, 15, shade(petal, 0.85 + 0.05 * part)
            )
        canvas.ellipse(x, y, 11, 11, (120, 78, 40))


def knife(stage: Stage) -> None:
    canvas = stage.canvas
    canvas.polygon([(240, 340), (280, 288), (560, 250), (566, 292), (300, 334)], (206, 214, 220))
    canvas.polygon([(240, 340), (300, 334), (566, 292), (564, 276)], (236, 242, 246))
    canvas.polygon([(560, 242), (584, 238), (592, 300), (568, 304)], (90, 84, 80))
    canvas.polygon([(584, 246), (742, 224), (750, 264), (592, 292)], (72, 48, 38))
    for x, y in ((630, 264), (680, 256), (724, 250)):
        canvas.ellipse(x, y, 6, 6, (206, 170, 90))


def chart(stage: Stage) -> None:
    canvas, moment = stage.canvas, stage.moment
    canvas.polygon([(216, 186), (748, 170), (790, 376), (172, 388)], (226, 212, 172))
    canvas.polygon(
        [
            (300, 230),
            (420, 206),
            (520, 250),
            (610, 216),
            (690, 260),
            (640, 330),
            (500, 344),
            (380, 320),
            (280, 336),
        ],
        (164, 184, 140),
    )
    points = [(300, 350), (380, 280), (470, 300), (560, 250), (640, 280)]
    canvas.line(points, (176, 50, 44), 4)
    x, y = points[-1]
    canvas.line([(x - 13, y - 13), (x + 13, y + 13)], (176, 50, 44), 7)
    canvas.line([(x - 13, y + 13), (x + 13, y - 13)], (176, 50, 44), 7)
    for part in (0.33, 0.66):
        left = 216 + 532 * part
        canvas.line([(left, 184), (left - 16 + 36 * part, 384)], (196, 180, 138), 2)
    canvas.glow(480, 180, 160, WARM, 0.3 * moment.lamps)


PROPS: dict[str, Drawer] = {
    "umbrella": umbrella,
    "tape": tape,
    "letter": letter,
    "book": book,
    "phone": phone,
    "cup": cup,
    "key": key,
    "candle": candle,
    "bottle": bottle,
    "clock": clock,
    "photograph": photograph,
    "pencil": pencil,
    "case": case,
    "flower": flower,
    "knife": knife,
    "map": chart,
}
