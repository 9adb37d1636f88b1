#!/usr/bin/env python3
"""Count the polygons of building files with shapely, independently of our reader: tests/data/polygons.json.

The result is committed, and `tests/it/reading/real.rs` holds `city::read` to it file by file, so CI needs no shapely.
Run this when files are added to ../shared/data, or when its rules change:

    python3 -m venv /tmp/shapely && /tmp/shapely/bin/pip install shapely==2.2.0
    /tmp/shapely/bin/python scripts/count_polygons.py > tests/data/polygons.json

It shares no code with the reader and reads with Python's json; what it takes for a building is this:

- a feature with a geometry that holds a Polygon or a MultiPolygon, in a GeometryCollection too; a bare geometry is a feature;
- a ring is closed if it is not; of points that repeat the one before (within 1 mm) only the first counts;
- a polygon is *valid* if shapely says so, else *mended* if `make_valid` leaves an area, else *empty*;
  less than 0.01 m2 is no area;
- a feature is *shown* if one of its polygons is valid or mended, unless an earlier one has its id, coordinates and height,
  and unless it is *far*: one of its corners lies more than 300 km from where the city is, the median of the features' first
  corners (a city's frame is flat, and good for no more);
- areas are those of valid and mended polygons of what is shown, in square metres of the ellipsoid's radii at each
  polygon's middle.

Files that are no GeoJSON (a PBF, CityJSON, bare arrays) must be refused by the reader as a whole; nothing is counted in them.
`mended`, `empty`, `far` and `repeated` list features by index, so that the reader's own lists can be held against them;
`valid` counts the polygons of shown features of which none had to be mended or left out.
"""

import json
import math
import pathlib
import sys

import shapely
from shapely.geometry import Polygon

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"
FOLDERS = ["buildings", "conformance"]
A, E2 = 6378137.0, 0.0066943799901413165
SAME_POINT_M = 0.001
LEAST_AREA_M2 = 0.01
REACH_M = 300_000
KINDS = {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"}
ID_KEYS = ["id", "@id", "osm_id"]
HEIGHT_KEYS = ["height", "min_height", "minHeight", "base_height", "levels", "minLevel", "building:levels"]


def degrees_of_mercator(x, y):
    """EPSG:3857 to degrees."""
    return math.degrees(x / A), math.degrees(2 * math.atan(math.exp(y / A)) - math.pi / 2)


def parts_of(geometry):
    """Polygons as lists of rings, also in collections within collections."""
    kind = geometry.get("type")
    if kind == "Polygon":
        yield geometry["coordinates"]
    elif kind == "MultiPolygon":
        yield from geometry["coordinates"]
    elif kind == "GeometryCollection":
        for inner in geometry["geometries"]:
            yield from parts_of(inner)


def in_metres(rings, to_degrees):
    """Rings in metres around the middle of the first, without repeated points, closed."""
    degrees = [[to_degrees(*position[:2]) for position in ring] for ring in rings]
    lons, lats = zip(*degrees[0])
    lon0, lat0 = (min(lons) + max(lons)) / 2, math.radians((min(lats) + max(lats)) / 2)
    w = math.sqrt(1 - E2 * math.sin(lat0) ** 2)
    east = math.radians(1) * A * math.cos(lat0) / w
    north = math.radians(1) * A * (1 - E2) / w**3
    result = []
    for ring in degrees:
        points = []
        for lon, lat in ring:
            point = ((lon - lon0) * east, (lat - math.degrees(lat0)) * north)
            if not points or max(abs(point[0] - points[-1][0]), abs(point[1] - points[-1][1])) >= SAME_POINT_M:
                points.append(point)
        if len(points) > 1 and max(abs(a - b) for a, b in zip(points[0], points[-1])) < SAME_POINT_M:
            points.pop()
        result.append(points + points[:1])
    return result


def look_at(rings, to_degrees):
    """What a polygon is, its area, and what shapely says about it."""
    rings = in_metres(rings, to_degrees) if rings and rings[0] else []
    if not rings or len(rings[0]) < 4:
        return "empty", 0.0, "fewer than three points"
    polygon = Polygon(rings[0], [ring for ring in rings[1:] if len(ring) >= 4])
    why = shapely.is_valid_reason(polygon)
    mended = polygon if polygon.is_valid else shapely.make_valid(polygon)
    if mended.area < LEAST_AREA_M2:
        return "empty", 0.0, why
    return "valid" if polygon.is_valid else "mended", mended.area, why.split("[")[0].strip()


def is_far(parts, middle, to_degrees):
    """Whether a corner lies beyond the reach of the city's frame, on a sphere."""
    for lon, lat in (to_degrees(*position[:2]) for rings in parts for ring in rings for position in ring):
        half = [math.sin(math.radians(a - b) / 2) ** 2 for a, b in ((lat, middle[1]), (lon, middle[0]))]
        h = half[0] + math.cos(math.radians(lat)) * math.cos(math.radians(middle[1])) * half[1]
        if 2 * 6_371_000 * math.asin(min(1, math.sqrt(h))) > REACH_M:
            return True
    return False


def middle_of(all_parts, to_degrees):
    firsts = [to_degrees(*parts[0][0][0][:2]) for parts in all_parts if parts and parts[0] and parts[0][0]]
    lons, lats = (sorted(numbers) for numbers in zip(*firsts)) if firsts else ([0], [0])
    return lons[len(lons) // 2], lats[len(lats) // 2]


def features_of(document):
    if isinstance(document, dict) and document.get("type") == "FeatureCollection":
        return document["features"]
    if isinstance(document, dict) and document.get("type") in KINDS | {"Feature"}:
        return [document]
    return None


def count(path):
    """The entry of one file."""
    try:
        document = json.loads(path.read_bytes())
    except ValueError:
        return {"is": "not JSON"}
    features = features_of(document)
    if features is None:
        return {"is": "not GeoJSON"}
    crs = document.get("crs", {}).get("properties", {}).get("name", "")
    to_degrees = degrees_of_mercator if crs.endswith(":3857") else lambda x, y: (x, y)
    entry = {"is": "GeoJSON", "features": len(features), "shown": 0, "valid": 0, "area_m2": 0.0}
    entry |= {"mended": {}, "empty": {}, "far": [], "no_area": 0, "repeated": {}}
    geometries = [feature if feature.get("type") in KINDS else feature.get("geometry") for feature in features]
    all_parts = [list(parts_of(geometry)) if geometry else [] for geometry in geometries]
    middle = middle_of(all_parts, to_degrees)
    seen = {}
    for index, (feature, parts) in enumerate(zip(features, all_parts)):
        if not parts:
            entry["no_area"] += 1
            continue
        if is_far(parts, middle, to_degrees):
            entry["far"].append(index)
            continue
        looks = [look_at(rings, to_degrees) for rings in parts]
        for kind, _, why in looks:
            if kind != "valid":
                entry[kind][str(index)] = why
        usable = [look for look in looks if look[0] != "empty"]
        if not usable:
            continue
        properties = feature.get("properties") or {}
        given = [feature.get("id")] + [properties.get(key) for key in ID_KEYS]
        identity = next((str(value) for value in given if value not in (None, "")), None)
        if identity is not None:
            heights = [properties.get(key) for key in HEIGHT_KEYS]
            key = json.dumps([identity, parts, heights])
            if key in seen:
                entry["repeated"][str(index)] = seen[key]
                continue
            seen[key] = index
        entry["shown"] += 1
        entry["valid"] += len(looks) if all(kind == "valid" for kind, _, _ in looks) else 0
        entry["area_m2"] += sum(area for _, area, _ in looks)
    entry["area_m2"] = round(entry["area_m2"], 2)
    return entry


def main():
    paths = sorted(path for folder in FOLDERS for path in (DATA / folder).rglob("*") if path.is_file())
    if not paths:
        sys.exit(f"count_polygons: no files in {DATA}")
    counts = {str(path.relative_to(DATA)): count(path) for path in paths}
    lines = [f"{json.dumps(name)}: {json.dumps(entry, sort_keys=True)}" for name, entry in counts.items()]
    print("{\n" + ",\n".join(lines) + "\n}")


if __name__ == "__main__":
    main()
