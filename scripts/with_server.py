"""A server for the scripts that look at it from outside: started on a port of its own, filled with a few hundred issues."""

import json
import os
import pathlib
import subprocess
import tempfile
import urllib.request

TOKEN = "a-token-for-scripts"
ROOT = pathlib.Path(__file__).resolve().parent.parent


class Server:
    """`yunfushan serve` on simulated data; ends with the block."""

    def __init__(self, issues=250, patrols=60):
        target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
        self.program = target / "debug" / "yunfushan"
        self.folder = tempfile.TemporaryDirectory()
        self.issues, self.patrols = issues, patrols

    def __enter__(self):
        command = [
            self.program, "serve", "--listen", "127.0.0.1:0", "--token", TOKEN, "--simulated",
            "--clock-start", "2026-09-15T10:00", "--place", ROOT / "data" / "fushan",
            "--database", pathlib.Path(self.folder.name) / "scripts.sqlite",
        ]
        self.log = open(pathlib.Path(self.folder.name) / "log", "wb")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("listening on "):
            raise SystemExit(f"the server did not start: {line!r}")
        self.url = line.removeprefix("listening on ").strip()
        self.fill()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=30)
        self.log.close()
        self.folder.cleanup()

    def send(self, method, path, body=None, headers=None):
        """The answer's JSON. An error of HTTP is an error here."""
        request = urllib.request.Request(self.url + path, method=method, headers={
            "Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json", **(headers or {}),
        })
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(request, data, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def fill(self):
        """Issues by a batch of history, and patrols of which half have a position."""
        issue_class = {"scheme": "GBT47678.5-2026", "kind": "event", "code": "06010"}
        desk = {"name": "desk", "role": "desk"}
        lives = []
        for number in range(self.issues):
            at = f"2026-09-{1 + number % 13:02}T0{number % 9}:00:00Z"
            report = {
                "id": f"S-{number}", "title": f"Rubbish {number}", "class": issue_class, "source": "patrol",
                "place": {"lon": 118.86 + number % 20 / 1000, "lat": 28.95 + number % 30 / 1000},
                "happened_at": at, "actor": desk,
            }
            if number % 10 == 0:
                del report["place"]
            steps = [{"step": "register", "happened_at": at, "actor": desk}] if number % 3 == 0 else []
            lives.append({"report": report, "steps": steps})
        self.send("POST", "/api/v1/history", {"issues": lives})
        for number in range(self.patrols):
            self.send("PUT", f"/api/v1/patrols/p{number}", {"name": f"Patrol {number}", "kind": "grid_officer"})
        batch = [
            {"patrol": f"p{number}", "fix": {"at": "2026-09-15T01:59:00Z", "place": {"lon": 118.87, "lat": 28.96}}}
            for number in range(0, self.patrols, 2)
        ]
        self.send("POST", "/api/v1/positions", batch)
