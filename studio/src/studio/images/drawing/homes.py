"""What stands in the rooms that people live, eat and drink in."""

from studio.images.drawing.canvas import shade
from studio.images.drawing.moments import Colour
from studio.images.drawing.rooms import FOOT, LEFT, RIGHT, lamp, table
from studio.images.drawing.skies import WARM
from studio.images.drawing.stage import Stage


def kitchen(stage: Stage) -> None:
    """Cupboards, a stove with a kettle, a sink under the window, a fridge, a table."""
    canvas, moment = stage.canvas, stage.moment
    for x in (206, 270, 334, 556, 620):
        canvas.box(x, 62, 60, 66, (112, 150, 140))
        canvas.box(x + 5, 67, 50, 56, (126, 166, 154))
        canvas.ellipse(x + 50, 116, 2.5, 2.5, (236, 226, 196))
    canvas.box(206, 204, 430, 8, (236, 230, 216))
    for number in range(7):
        canvas.box(208 + number * 61, 212, 58, 72, (112, 150, 140))
        canvas.box(213 + number * 61, 217, 48, 62, (124, 162, 152))
    canvas.box(262, 196, 92, 88, (66, 68, 74))
    canvas.box(272, 226, 72, 46, (40, 42, 48))
    canvas.ellipse(300, 184, 17, 13, (196, 70, 54))
    canvas.line([(288, 176), (300, 164), (312, 176)], (50, 46, 44), 3)
    canvas.line([(316, 182), (328, 174)], (196, 70, 54), 4)
    canvas.round_box(676, 96, 82, 192, 8, (228, 232, 230))
    canvas.line([(680, 158), (754, 158)], (180, 186, 186), 2)
    canvas.line([(688, 168), (688, 200)], (150, 156, 158), 3)
    canvas.line([(474, 204), (474, 184), (488, 180), (492, 190)], (170, 176, 180), 3)
    lamp(canvas, 480, 96, moment, size=24)
    table(canvas, 480, 318, 300, 66, (168, 116, 76))
    canvas.ellipse(420, 322, 15, 5, (238, 234, 224))
    canvas.round_box(530, 306, 16, 17, 3, (70, 104, 150))


def bedroom(stage: Stage) -> None:
    """A bed, a bedside lamp, a wardrobe."""
    canvas, moment = stage.canvas, stage.moment
    canvas.box(212, 84, 96, 204, (122, 84, 60))
    canvas.line([(260, 90), (260, 284)], (84, 56, 40), 2)
    canvas.box(386, 150, 26, 100, (110, 74, 54))
    canvas.polygon([(400, 222), (560, 222), (640, 344), (340, 344)], (204, 204, 218))
    canvas.polygon([(384, 262), (590, 262), (640, 344), (340, 344)], (98, 112, 158))
    canvas.box(340, 344, 300, 30, (78, 90, 132))
    canvas.round_box(410, 206, 64, 26, 10, (240, 238, 240))
    canvas.round_box(484, 206, 64, 26, 10, (240, 238, 240))
    canvas.box(320, 226, 44, 62, (128, 90, 64))
    canvas.polygon([(330, 190), (354, 190), (362, 212), (322, 212)], (238, 214, 160), raw=moment.lamps > 0.2)
    canvas.line([(342, 212), (342, 226)], (70, 60, 56), 3)
    canvas.glow(342, 204, 190, WARM, 0.8 * moment.lamps)


def bathroom(stage: Stage) -> None:
    """Tiles, a bath, a basin with a mirror."""
    canvas, moment = stage.canvas, stage.moment
    for row in range(7):
        canvas.line([(LEFT, 130 + row * 23), (RIGHT, 130 + row * 23)], (160, 190, 190), 1)
    for column in range(25):
        canvas.line([(LEFT + column * 24, 130), (LEFT + column * 24, FOOT)], (160, 190, 190), 1)
    canvas.round_box(250, 92, 92, 104, 8, (206, 224, 228))
    canvas.polygon([(262, 104), (300, 104), (270, 184), (262, 184)], (230, 240, 242))
    canvas.round_box(244, 220, 104, 26, 12, (244, 246, 246))
    canvas.box(288, 246, 16, 46, (226, 230, 230))
    canvas.round_box(480, 240, 250, 86, 26, (244, 246, 246))
    canvas.round_box(492, 246, 226, 20, 10, (196, 210, 214))
    lamp(canvas, 420, 70, moment, size=16)


def bar(stage: Stage) -> None:
    """A counter with stools, bottles before a mirror, hanging lamps."""
    canvas, moment, rng = stage.canvas, stage.moment, stage.rng
    canvas.box(250, 70, 460, 120, (64, 38, 34))
    for row in (112, 160):
        canvas.box(250, row + 26, 460, 5, (150, 98, 60))
        x = 262.0
        while x < 696:
            colour: Colour = rng.choice(
                [(64, 112, 72), (150, 84, 44), (186, 156, 84), (84, 92, 132), (150, 50, 50)]
            )
            high = rng.uniform(26, 40)
            canvas.box(x, row + 26 - high * 0.66, 9, high * 0.66, colour)
            canvas.box(x + 3, row + 26 - high, 3, high * 0.4, colour)
            x += rng.uniform(12, 20)
    canvas.glow(480, 130, 260, (255, 190, 110), 0.25 + 0.3 * moment.lamps)
    canvas.polygon([(150, 232), (810, 232), (850, 256), (110, 256)], (176, 116, 70))
    canvas.fade([(110, 256), (850, 256), (850, 350), (110, 350)], (104, 60, 42), (70, 42, 32))
    for number in range(8):
        canvas.box(126 + number * 90, 268, 74, 70, (86, 50, 36))
    for x in (210, 370, 620, 760):
        canvas.ellipse(x, 330, 30, 9, (168, 54, 46))
        canvas.line([(x, 336), (x, 420)], (150, 146, 140), 5)
        canvas.ellipse(x, 424, 26, 7, (110, 106, 102))
    for x in (270, 480, 690):
        lamp(canvas, x, 66, moment, size=17)


def living_room(stage: Stage) -> None:
    """A sofa, a picture, a standing lamp, a rug."""
    canvas, moment, rng = stage.canvas, stage.moment, stage.rng
    canvas.box(440, 84, 104, 72, (150, 112, 62))
    canvas.fade([(447, 91), (537, 91), (537, 149), (447, 149)], (150, 186, 200), (196, 168, 120))
    canvas.polygon([(447, 149), (480, 116), (506, 138), (520, 124), (537, 149)], (104, 124, 110))
    canvas.ellipse(480, 374, 300, 44, (150, 66, 60))
    canvas.ellipse(480, 374, 262, 36, (196, 160, 116))
    sofa: Colour = rng.choice([(74, 110, 124), (132, 76, 72), (104, 116, 76)])
    canvas.round_box(382, 196, 250, 88, 18, sofa)
    canvas.round_box(372, 244, 270, 66, 14, shade(sofa, 1.12))
    canvas.line([(507, 250), (507, 300)], shade(sofa, 0.8), 2)
    for x in (362, 622):
        canvas.round_box(x, 226, 32, 86, 12, shade(sofa, 0.86))
    canvas.line([(706, 300), (706, 150)], (72, 60, 52), 4)
    canvas.ellipse(706, 302, 22, 6, (72, 60, 52))
    canvas.polygon([(682, 152), (730, 152), (718, 112), (694, 112)], (240, 216, 166), raw=moment.lamps > 0.2)
    canvas.glow(706, 136, 240, WARM, 0.85 * moment.lamps)
