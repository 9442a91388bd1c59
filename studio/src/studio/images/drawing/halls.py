"""What stands in the rooms that people work, learn, pray and wait in."""

from studio.images.drawing.canvas import HEIGHT, WIDTH, Point, mix, shade
from studio.images.drawing.moments import Colour
from studio.images.drawing.rooms import FOOT, TOP, lamp, shelves, table
from studio.images.drawing.skies import WARM
from studio.images.drawing.stage import Stage


def shop(stage: Stage) -> None:
    """Shelves to the ceiling, everything tagged, and a counter before them."""
    canvas, moment, rng = stage.canvas, stage.moment, stage.rng
    shelves(canvas, 204, 60, 190, 224, 5, (150, 108, 70), rng, books=False)
    shelves(canvas, 410, 60, 200, 224, 5, (150, 108, 70), rng, books=False)
    lamp(canvas, 480, 78, moment, size=20)
    canvas.polygon([(214, 292), (746, 292), (790, 318), (170, 318)], (186, 134, 86))
    canvas.fade([(170, 318), (790, 318), (790, 396), (170, 396)], (146, 98, 62), (104, 70, 46))
    for number in range(6):
        canvas.box(184 + number * 101, 330, 84, 54, (124, 84, 54))
    canvas.polygon([(420, 298), (520, 298), (530, 312), (412, 312)], (236, 226, 196))
    canvas.ellipse(640, 298, 15, 7, (206, 170, 84))
    canvas.ellipse(640, 292, 3, 3, (206, 170, 84))


def library(stage: Stage) -> None:
    """Books to the ceiling, a green lamp on a desk."""
    canvas, moment, rng = stage.canvas, stage.moment, stage.rng
    shelves(canvas, 200, 58, 226, 228, 6, (116, 76, 48), rng, books=True)
    shelves(canvas, 538, 58, 226, 228, 6, (116, 76, 48), rng, books=True)
    table(canvas, 480, 306, 320, 70, (116, 68, 44))
    canvas.line([(560, 304), (560, 280)], (180, 150, 80), 4)
    canvas.polygon([(536, 280), (584, 280), (574, 264), (546, 264)], (46, 122, 84))
    canvas.glow(560, 284, 170, (190, 240, 170), 0.3 + 0.5 * moment.lamps)
    canvas.polygon([(400, 310), (446, 306), (490, 312), (446, 322)], (240, 234, 214))


def office(stage: Stage) -> None:
    """A desk with a screen and papers, filing cabinets, a clock, a plant."""
    canvas, moment = stage.canvas, stage.moment
    for x in (212, 268):
        canvas.box(x, 150, 52, 138, (134, 142, 148))
        for row in range(4):
            canvas.box(x + 4, 155 + row * 33, 44, 29, (154, 162, 168))
            canvas.box(x + 18, 166 + row * 33, 16, 4, (90, 96, 102))
    canvas.ellipse(420, 92, 21, 21, (60, 64, 70))
    canvas.ellipse(420, 92, 17, 17, (244, 244, 240))
    canvas.line([(420, 92), (420, 80)], (40, 42, 46), 2)
    canvas.line([(420, 92), (429, 96)], (40, 42, 46), 2)
    canvas.polygon([(716, 288), (756, 288), (750, 250), (722, 250)], (176, 96, 70))
    for lean in (-30, -16, 0, 14, 28):
        canvas.line([(736, 252), (736 + lean * 0.5, 220), (736 + lean, 196 + abs(lean))], (70, 128, 78), 5)
    table(canvas, 480, 300, 360, 78, (150, 126, 98))
    canvas.round_box(420, 236, 108, 66, 5, (44, 48, 56))
    screen: Colour = (150, 200, 224)
    canvas.box(426, 242, 96, 54, screen, raw=moment.lamps > 0.2)
    canvas.glow(474, 270, 130, screen, 0.5 * moment.lamps)
    canvas.polygon([(570, 304), (624, 304), (634, 316), (576, 316)], (244, 242, 234))
    canvas.polygon([(330, 304), (378, 304), (370, 318), (318, 318)], (230, 222, 196))
    canvas.round_box(646, 292, 13, 16, 3, (190, 84, 62))
    lamp(canvas, 300, 60, moment, size=15)


def classroom(stage: Stage) -> None:
    """A blackboard and rows of desks."""
    canvas, moment, rng = stage.canvas, stage.moment, stage.rng
    canvas.box(236, 74, 340, 132, (134, 98, 66))
    canvas.box(244, 82, 324, 116, (46, 82, 66))
    for row in range(4):
        canvas.line(
            [(262, 102 + row * 22), (262 + rng.uniform(90, 260), 102 + row * 22)], (206, 222, 210), 2.4
        )
    for row, y in enumerate((292, 330)):
        for number in range(4):
            wide = 96 + 30 * row
            table(canvas, 180 + number * 200 + (row % 2) * 20, y, wide, 36 + 14 * row, (190, 148, 98))
    lamp(canvas, 480, 60, moment, size=15)


def church(stage: Stage) -> None:
    """A tall coloured window, columns, pews."""
    canvas, moment, rng = stage.canvas, stage.moment, stage.rng
    for x in (220.0, 300.0, 626.0, 706.0):
        canvas.fade([(x, 40), (x + 34, 40), (x + 34, 290), (x, 290)], (190, 180, 166), (140, 132, 122))
    glass: list[Colour] = [(190, 60, 60), (60, 96, 176), (220, 180, 70), (76, 140, 92), (140, 76, 150)]
    canvas.ellipse(480, 84, 62, 62, (96, 90, 84))
    canvas.box(418, 84, 124, 136, (96, 90, 84))
    canvas.ellipse(480, 84, 55, 55, moment.sky_low, raw=True)
    for column in range(5):
        for row in range(6):
            canvas.box(
                426 + column * 22,
                84 + row * 22,
                20,
                20,
                mix(rng.choice(glass), moment.sky_low, 0.2),
                raw=moment.lamps < 0.9,
            )
    canvas.glow(480, 140, 220, (255, 226, 180), 0.4 * (1 - moment.lamps) + 0.12)
    canvas.box(410, 238, 140, 52, (226, 220, 206))
    for x in (424.0, 536.0):
        canvas.line([(x, 238), (x, 222)], (240, 234, 214), 4)
        canvas.glow(x, 216, 60, WARM, 0.4 + 0.5 * moment.lamps)
    for row in range(4):
        y, half = 304 + row * 32, 130 + row * 34
        for side in (-1, 1):
            left = 480 - 60 - row * 8 - half if side < 0 else 480 + 60 + row * 8
            canvas.box(left, y, half, 18, (110, 72, 50))
            canvas.box(left, y + 18, half, 8, (80, 52, 38))


def corridor(stage: Stage) -> None:
    """A long passage with doors that gets smaller and smaller."""
    canvas, moment = stage.canvas, stage.moment
    wall: Colour = (160, 168, 160)
    canvas.polygon([(0, 0), (WIDTH, 0), (540, 160), (420, 160)], (208, 212, 206))
    canvas.polygon([(0, HEIGHT), (WIDTH, HEIGHT), (540, 262), (420, 262)], (118, 116, 110))
    canvas.fade([(0, 0), (420, 160), (420, 262), (0, HEIGHT)], wall, shade(wall, 0.8))
    canvas.fade([(WIDTH, 0), (540, 160), (540, 262), (WIDTH, HEIGHT)], shade(wall, 0.86), shade(wall, 0.7))
    canvas.box(420, 160, 120, 102, shade(wall, 0.6))
    canvas.box(452, 182, 56, 80, (92, 74, 60))
    for side in (-1, 1):
        for near, far in ((0.06, 0.26), (0.42, 0.56), (0.68, 0.78), (0.86, 0.92)):
            corners: list[Point] = []
            for part, high in ((near, 0.68), (far, 0.68), (far, 0.0), (near, 0.0)):
                x = part * 420 if side < 0 else WIDTH - part * 420
                foot = HEIGHT - (HEIGHT - 262) * part
                top = 160 * part
                corners.append((x, foot - (foot - top) * high))
            canvas.polygon(corners, (122, 84, 60))
    for part in (0.15, 0.5, 0.75, 0.9):
        y = 160 * part
        half = 90 * (1 - part) + 10
        canvas.polygon(
            [
                (480 - half, y),
                (480 + half, y),
                (480 + half * 0.8, y + 14 * (1 - part) + 2),
                (480 - half * 0.8, y + 14 * (1 - part) + 2),
            ],
            (250, 246, 226),
            raw=True,
        )
        canvas.glow(480, y + 10, half * 2.2, (250, 240, 206), 0.28 + 0.3 * moment.lamps)


def theatre(stage: Stage) -> None:
    """A stage with its curtain, rows of seats, a spot of light."""
    canvas = stage.canvas
    canvas.box(230, 50, 500, 220, (34, 26, 34))
    for side in (-1, 1):
        for fold in range(6):
            x = 230.0 + fold * 22 if side < 0 else 730.0 - (fold + 1) * 22
            canvas.box(x, 50, 22, 220, (170 - 16 * (fold % 2), 36, 42))
    for fold in range(12):
        canvas.ellipse(251 + fold * 42, 52, 24, 26, (158 - 14 * (fold % 2), 34, 40))
    canvas.polygon([(230, 270), (730, 270), (780, 298), (180, 298)], (150, 104, 66))
    canvas.shaft([(470, 0), (490, 0), (590, 290), (370, 290)], (255, 244, 210), 0.42, 8)
    canvas.glow(480, 280, 130, (255, 236, 190), 0.5)
    for row in range(4):
        for number in range(12 + row):
            x = (number + 0.5 * (row % 2)) * WIDTH / (11 + row)
            canvas.round_box(x - 34, 316 + row * 34, 66, 46, 14, shade((150, 44, 48), 0.9 - 0.14 * row))


def terminal(stage: Stage) -> None:
    """A hall with benches, a board, a clock."""
    canvas, moment, rng = stage.canvas, stage.moment, stage.rng
    canvas.box(250, 176, 240, 58, (34, 38, 46))
    for row in range(4):
        canvas.box(260, 183 + row * 12, rng.uniform(60, 130), 6, (240, 190, 70), raw=True)
        canvas.box(420, 183 + row * 12, 50, 6, (240, 190, 70), raw=True)
    canvas.ellipse(600, 206, 30, 30, (50, 54, 60))
    canvas.ellipse(600, 206, 25, 25, (246, 244, 236))
    canvas.line([(600, 206), (600, 188)], (40, 42, 46), 3)
    canvas.line([(600, 206), (612, 212)], (40, 42, 46), 3)
    for x, y, wide in ((260, 300, 170), (540, 300, 170), (120, 356, 240), (600, 356, 240)):
        canvas.shadow(x + wide / 2, y + 36, wide * 0.6, 10, 0.3)
        canvas.box(x, y, wide, 12, (66, 104, 126))
        canvas.box(x, y + 16, wide, 8, (52, 84, 104))
        for leg in (8, wide - 14):
            canvas.box(x + leg, y + 24, 6, 16, (60, 62, 66))
    for x in (300, 480, 660):
        lamp(canvas, x, 40, moment, size=15)


def lighthouse(stage: Stage) -> None:
    """The lantern room: panes all around, the great lamp in the middle."""
    canvas, moment = stage.canvas, stage.moment
    canvas.round_box(430, 190, 100, 100, 8, (74, 70, 68))
    for ring in range(5):
        canvas.ellipse(
            480,
            156,
            58 - ring * 10,
            66 - ring * 11,
            mix((150, 190, 196), (255, 240, 190), ring / 5),
            raw=moment.lamps > 0.2,
        )
    for bar_at in (-40, -20, 0, 20, 40):
        canvas.line([(480 + bar_at, 96), (480 + bar_at, 214)], (150, 116, 60), 2)
    canvas.glow(480, 156, 300, (255, 236, 170), 0.25 + 0.65 * moment.lamps)
    for x in (300, 420, 540, 660):
        canvas.line([(x, TOP), (x, FOOT)], (112, 56, 48), 6)
    table(canvas, 260, 314, 170, 56, (134, 96, 66))
