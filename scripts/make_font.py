#!/usr/bin/env python3
"""Cut Noto Sans SC to what the viewer needs: assets/fonts/*.ttf.

The result is committed; run this only to change the character set or to take a newer Noto.

    cd /tmp && npm pack @expo-google-fonts/noto-sans-sc && tar xzf expo-google-fonts-noto-sans-sc-*.tgz
    python3 -m venv /tmp/font && /tmp/font/bin/pip install fonttools==4.68.0
    /tmp/font/bin/python scripts/make_font.py /tmp/package

Regular gets GB 2312 whole (6,763 hanzi and the symbols), Latin, punctuation, full-width forms, the
symbols below and every character of assets/fonts/extra-characters.txt (characters in names that
GB 2312 lacks) and of the message files. Medium, for headings and large figures, gets the first level
of GB 2312 (3,755 hanzi in daily use) and the same signs; whoever draws with it falls back to Regular.
A few interface signs that Noto Sans SC lacks are drawn here (DRAWN).
Given the same npm package (0.4.3) and the same fonttools, the files come out byte for byte the same.
"""

import argparse
import math
import pathlib
import sys

from fontTools import subset
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "assets" / "fonts"
LIMIT_BYTES = 4_000_000

# Signs that panels use, beside what GB 2312 has of them. What Noto Sans SC lacks is drawn below.
SIGNS = (
    "·—–…°±×÷％‰㎡㎥²³µ¥￥€№™©®§¶†‡•"
    "←↑→↓↔↕↖↗↘↙⇐⇒⇔"
    "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳❶❷❸❹❺❻❼❽❾❿"
    "✓✔✕✖✗★☆●○◎◉◆◇■□◻▪▫▲△▶▷▼▽◀◁▸▾◂▴◐◑◒◓◢◣◤◥"
    "━┃│─┌┐└┘├┤┬┴┼═║╔╗╚╝▁▂▃▄▅▆▇█▏▎▍▌▋▊▉░▒▓"
    "☀☁☂☎☏♀♂♠♣♥♦♪♫⚠⚡⚑⏰⌂⌘⌕⏸⏵⏹⏺⌛⟳↻↺"
    "≈≠≤≥∞∑√∠∥⊥∩∪∈∴∵∶"
    "〇々〆〈〉《》「」『』【】〔〕〖〗〜〝〞。、，；：？！（）"
)
# Blocks taken whole as far as the font has them: Latin with pinyin's tone marks, general punctuation,
# full-width forms, CJK punctuation, kana (shop names).
BLOCKS = [
    (0x0020, 0x007E),
    (0x00A0, 0x024F),
    (0x02B0, 0x02DF),
    (0x2000, 0x206F),
    (0x20A0, 0x20BF),
    (0x2100, 0x214F),
    (0x2150, 0x218F),
    (0x3000, 0x303F),
    (0x3040, 0x30FF),
    (0xFE30, 0xFE4F),
    (0xFF00, 0xFFEF),
]


def bar(x0, y0, x1, y1, width):
    """A straight stroke as a clockwise rectangle (TrueType fills clockwise contours)."""
    length = math.hypot(x1 - x0, y1 - y0)
    dx, dy = (y1 - y0) / length * width / 2, -(x1 - x0) / length * width / 2
    return [(x0 - dx, y0 - dy), (x1 - dx, y1 - dy), (x1 + dx, y1 + dy), (x0 + dx, y0 + dy)]


def arc(x, y, radius, start_deg=90.0, turn_deg=-360.0, points=40):
    """Points of an arc; negative turns are clockwise."""
    angles = [math.radians(start_deg + turn_deg * i / points) for i in range(points + (abs(turn_deg) < 360.0))]
    return [(x + radius * math.cos(a), y + radius * math.sin(a)) for a in angles]


def ring(x, y, radius, width):
    """A circle as outline: the hole runs the other way."""
    return [arc(x, y, radius), arc(x, y, radius - width, turn_deg=360.0)]


def circular_arrow(mirror):
    """Three quarters of a ring with an arrow head, clockwise; mirrored, anticlockwise."""
    outer, inner = arc(500, 380, 330, 40.0, 290.0), arc(500, 380, 258, 330.0, -290.0)
    head = [(640, 520), (890, 620), (850, 370)]
    contours = [list(reversed(outer + inner)), head]
    if not mirror:
        return contours
    return [[(1000 - x, y) for x, y in reversed(contour)] for contour in contours]


# Interface signs in the font's em of 1,000 units: x 0 to 1000, middle of a hanzi at y = 380.
DRAWN = {
    "✕": [bar(240, 120, 760, 640, 78), bar(240, 640, 760, 120, 78)],
    "✖": [bar(240, 120, 760, 640, 140), bar(240, 640, 760, 120, 140)],
    "✗": [bar(280, 100, 700, 660, 78), bar(260, 560, 760, 160, 78)],
    "✔": [[(120, 370), (210, 460), (400, 270), (790, 700), (880, 610), (400, 90)]],
    "▸": [[(320, 620), (680, 380), (320, 140)]],
    "◂": [[(680, 140), (320, 380), (680, 620)]],
    "▾": [[(260, 540), (740, 540), (500, 200)]],
    "▴": [[(260, 220), (500, 560), (740, 220)]],
    "⏵": [[(250, 720), (820, 380), (250, 40)]],
    "⏸": [bar(330, 60, 330, 700, 150), bar(670, 60, 670, 700, 150)],
    "⏹": [bar(500, 100, 500, 660, 560)],
    "⏺": [arc(500, 380, 300)],
    "◻": [bar(500, 80, 500, 680, 600), list(reversed(bar(500, 140, 500, 620, 480)))],
    "⌕": [*ring(430, 450, 290, 72), bar(620, 260, 850, 30, 90)],
    "⌂": [[(500, 760), (920, 380), (800, 380), (800, 20), (200, 20), (200, 380), (80, 380)]],
    "⚑": [bar(250, -60, 250, 760, 70), [(290, 740), (840, 740), (690, 535), (840, 330), (290, 330)]],
    "⚡": [[(620, 820), (200, 330), (460, 330), (380, -60), (800, 430), (540, 430)]],
    "⌛": [[(240, 740), (760, 740), (760, 680), (540, 380), (760, 80), (760, 20), (240, 20), (240, 80), (460, 380), (240, 680)]],
    "⏰": [*ring(500, 360, 320, 70), bar(500, 330, 500, 560, 66), bar(470, 350, 660, 350, 66)],
    "↻": circular_arrow(mirror=False),
    "⟳": circular_arrow(mirror=False),
    "↺": circular_arrow(mirror=True),
}


def gb2312(rows):
    """The characters of the given rows of GB 2312."""
    found = set()
    for row in rows:
        for cell in range(1, 95):
            try:
                found.add(bytes([0xA0 + row, 0xA0 + cell]).decode("gb2312"))
            except UnicodeDecodeError:
                continue
    return found


def read_text_characters():
    """Characters that our own text files and the list of extra characters use."""
    found = set()
    files = [OUT / "extra-characters.txt", *sorted((ROOT / "assets" / "language").rglob("*.*"))]
    for path in files:
        lines = path.read_text(encoding="utf-8").splitlines()
        found.update("".join(line for line in lines if not line.startswith("#")))
    return {c for c in found if c.isprintable()}


def draw_missing(font, characters):
    """Adds the DRAWN signs that are asked for and that the font lacks."""
    cmap = font.getBestCmap()
    order = font.getGlyphOrder()
    for character in sorted(characters & DRAWN.keys()):
        if ord(character) in cmap:
            continue
        pen = TTGlyphPen(None)
        for contour in DRAWN[character]:
            pen.moveTo(tuple(map(round, contour[0])))
            for point in contour[1:]:
                pen.lineTo(tuple(map(round, point)))
            pen.closePath()
        name = f"uni{ord(character):04X}"
        order.append(name)
        font.setGlyphOrder(order)
        glyph = pen.glyph()
        glyph.recalcBounds(font["glyf"])
        font["glyf"].glyphs[name] = glyph
        font["hmtx"].metrics[name] = (1000, glyph.xMin)
        font["vmtx"].metrics[name] = (1000, 880 - glyph.yMax)
        for table in font["cmap"].tables:
            if table.isUnicode() and table.format in (4, 12):
                table.cmap[ord(character)] = name


def cut(source, target, characters):
    """Writes the subset and returns (bytes, characters asked for that the source lacks)."""
    options = subset.Options()
    options.hinting = False
    options.layout_features = ["kern"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.notdef_outline = True
    options.glyph_names = False
    options.recalc_timestamp = False
    options.drop_tables += ["DSIG", "vhea", "vmtx", "VORG", "BASE", "GSUB", "meta"]
    font = TTFont(source, recalcTimestamp=False)
    draw_missing(font, characters)
    missing = {c for c in characters if ord(c) not in font.getBestCmap()}
    subsetter = subset.Subsetter(options=options)
    subsetter.populate(unicodes=[ord(c) for c in characters])
    subsetter.subset(font)
    font.save(target, reorderTables=True)
    return target.stat().st_size, missing


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", type=pathlib.Path, help="the unpacked npm package")
    package = parser.parse_args().package

    signs = set(SIGNS) | {chr(c) for low, high in BLOCKS for c in range(low, high + 1)} | gb2312(range(1, 10))
    wanted = read_text_characters()
    sets = {
        "NotoSansSC-Regular.ttf": ("400Regular/NotoSansSC_400Regular.ttf", signs | wanted | gb2312(range(16, 88))),
        "NotoSansSC-Medium.ttf": ("500Medium/NotoSansSC_500Medium.ttf", signs | wanted | gb2312(range(16, 56))),
    }
    total = 0
    for name, (source, characters) in sets.items():
        size, missing = cut(package / source, OUT / name, characters)
        total += size
        print(f"{name}: {len(characters) - len(missing)} characters, {size:,} bytes")
        refused = sorted(missing & (set(SIGNS) | wanted))
        if refused:
            print(f"  not in Noto Sans SC, do not use them in text: {' '.join(refused)}")
    (OUT / "OFL.txt").write_bytes((package / "LICENSE_FONT").read_bytes())
    print(f"{total:,} bytes in all, at most {LIMIT_BYTES:,}")
    return 0 if total <= LIMIT_BYTES else 1


if __name__ == "__main__":
    sys.exit(main())
