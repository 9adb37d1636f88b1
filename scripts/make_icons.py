#!/usr/bin/env python3
"""Cuts the markers' icons out of Phosphor's filled font.

    make_icons.py Phosphor-Fill.ttf assets/icons

`Phosphor-Fill.ttf` lies in the crate `egui-phosphor` 0.14.0 (folder `res`), and in the npm package `@phosphor-icons/web`.
`icons.csv` beside the result says which icons there are: a name as Phosphor has it, and its code point.
Needs fonttools (PyPI).
"""
import csv
import pathlib
import sys

from fontTools import subset

source, folder = sys.argv[1], pathlib.Path(sys.argv[2])
with open(folder / "icons.csv", encoding="utf-8") as file:
    codes = [int(row["code"], 16) for row in csv.DictReader(file)]
options = subset.Options(layout_features=[], hinting=False, notdef_outline=False, name_IDs=[0, 1, 2, 13], glyph_names=False)
font = subset.load_font(source, options)
cut = subset.Subsetter(options)
cut.populate(unicodes=codes)
cut.subset(font)
missing = sorted(set(codes) - set(font.getBestCmap()))
if missing:
    sys.exit("not in the font: " + " ".join(f"{code:04X}" for code in missing))
subset.save_font(font, str(folder / "phosphor-fill.ttf"), options)
