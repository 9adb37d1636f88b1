"""Reads every collection by OWSLib, page by page, and compares what comes with what was put in."""

import csv
import json
import pathlib
import sys
import urllib.parse

# The script beside this one is called owslib, too.
here = str(pathlib.Path(__file__).resolve().parent)
sys.path = [entry for entry in sys.path if entry not in ("", here)]
from owslib.ogcapi.features import Features  # noqa: E402

sys.path.append(here)
from with_server import ROOT, TOKEN, Server  # noqa: E402


def features_of(name):
    with open(ROOT / "data" / "fushan" / name, encoding="utf-8") as file:
        return len(json.load(file)["features"])


def areas_by_kind():
    with open(ROOT / "data" / "fushan" / "areas.geojson", encoding="utf-8") as file:
        kinds = [feature["properties"]["kind"] for feature in json.load(file)["features"]]
    names = {
        "subdistrict": "subdistricts", "community": "communities", "grid": "grids", "compound": "compounds",
        "business_district": "business_districts", "alley": "alleys",
    }
    return {name: kinds.count(kind) for kind, name in names.items()}


def rows_of(name):
    with open(ROOT / "data" / "fushan" / name, encoding="utf-8-sig", newline="") as file:
        return sum(1 for row in csv.DictReader(file))


def read(client, collection, limit):
    """All ids of a collection, by its next links."""
    ids, query, pages = [], {}, 0
    while True:
        page = client.collection_items(collection, limit=limit, **query)
        pages += 1
        assert page["numberReturned"] == len(page["features"]) <= limit, page["numberReturned"]
        ids += [feature["id"] for feature in page["features"]]
        following = [link["href"] for link in page["links"] if link["rel"] == "next"]
        if not following:
            return ids, pages
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(following[0]).query))
        query.pop("limit")


with Server(issues=250, patrols=60) as server:
    client = Features(server.url + "/", headers={"Authorization": f"Bearer {TOKEN}"})
    conformance = client.conformance()["conformsTo"]
    assert any(name.endswith("/conf/core") for name in conformance), conformance
    assert any(name.endswith("/conf/geojson") for name in conformance), conformance
    expected = {
        "issues": 250,
        "patrols": 60,
        "buildings": features_of("buildings.geojson"),
        "areas": features_of("areas.geojson"),
        **areas_by_kind(),
        "stairwells": rows_of("stairwells.csv"),
        "shifts": rows_of("roster.csv"),
        "departments": rows_of("departments.csv"),
        "teams": rows_of("teams.csv"),
    }
    assert set(client.feature_collections()) == set(expected), client.feature_collections()
    for collection, count in expected.items():
        limit = 1_000 if count > 1_000 else 7
        ids, pages = read(client, collection, limit)
        print(f"{collection}: {len(ids)} features in {pages} pages")
        assert len(ids) == count, f"{count} were put in"
        assert len(set(ids)) == count, "ids repeat"
        # OWSLib leaves it to us that stairwells have slashes in their ids.
        one = client.collection_item(collection, urllib.parse.quote(ids[-1], safe=""))
        assert one["id"] == ids[-1], one["id"]
    box = client.collection_items("issues", bbox=[118.86, 28.95, 118.865, 28.955], limit=1_000)
    assert 0 < box["numberReturned"] < 250, box["numberReturned"]
    open_ones = client.collection_items("issues", limit=1_000, state="registered")
    assert open_ones["numberReturned"] == 84, open_ones["numberReturned"]
print("OWSLib has read everything")
