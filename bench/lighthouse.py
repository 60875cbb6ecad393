#!/usr/bin/env python3
"""Lighthouse's marks for a page of each kind of the demo course: medians, and the worst layout shift.

    python bench/lighthouse.py [--runs 5] [--modules DIR]

Throttling is Lighthouse's own, simulated. Files are served without gzip, so that a real server is quicker. The newest
Lighthouse and a Node.js that it wants come from npm, into a folder that is deleted; `--modules` names one where they
are. Needs the `test` extra and Chromium.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from readers import PROJECT, build_ours, run

MARKS = ("performance", "accessibility", "best-practices", "seo")
PAGES = {
    "home": "index.html",
    "section": "01_ky_tu_va_byte/index.html",
    "lesson": "02_mojibake/02_byte_bi_mat.html",
    "formulas, code, tables": "cach_viet_bai.html",
}
FLAGS = "--headless=new --no-sandbox --disable-gpu"


def install(folder: Path) -> None:
    """Put Lighthouse and the Node.js that it wants into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text('{"name": "marks", "private": true}', "utf-8")
    run(["npm", "install", "--silent", "node@22", "lighthouse"], folder)


def judge(url: str, modules: Path, chromium: str) -> dict[str, Any]:
    """What Lighthouse reports of a page."""
    env = os.environ | {
        "PATH": f"{modules / 'node_modules' / '.bin'}{os.pathsep}{os.environ['PATH']}",
        "CHROME_PATH": chromium,
    }
    command = ["lighthouse", url, "--quiet", "--output=json", f"--chrome-flags={FLAGS}"]
    command += [f"--only-categories={','.join(MARKS)}"]
    done = subprocess.run(command, cwd=modules, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def main() -> int:
    from browsing import find_chromium, serve

    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--modules", type=Path, help="a folder where npm has installed node@22 and lighthouse")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        modules = options.modules or Path(temporary) / "modules"
        if not options.modules:
            install(modules)
        site = build_ours(PROJECT / "content", Path(temporary) / "site")
        print(f"| page | {' | '.join(MARKS)} | layout shift |\n|---{'|---' * (len(MARKS) + 1)}|")
        with serve(site) as base:
            for kind, name in PAGES.items():
                reports = [judge(base + name, modules, find_chromium()) for _ in range(options.runs)]
                marks = [
                    statistics.median(100 * report["categories"][mark]["score"] for report in reports) for mark in MARKS
                ]
                moved = max(report["audits"]["cumulative-layout-shift"]["numericValue"] for report in reports)
                print(f"| {kind} | {' | '.join(f'{mark:.0f}' for mark in marks)} | {moved:.3f} |", flush=True)
                for audit in sorted(find_faults(reports[0])):
                    print(f"  {kind}: {audit}", file=sys.stderr)
    return 0


def find_faults(report: dict[str, Any]) -> set[str]:
    """The audits that cost a page some of its marks."""
    weighed = {
        entry["id"] for mark in MARKS for entry in report["categories"][mark]["auditRefs"] if entry["weight"] > 0
    }
    return {
        f"{name}: {audit.get('displayValue') or audit['title']}"
        for name, audit in report["audits"].items()
        if name in weighed and audit["score"] is not None and audit["score"] < 0.9
    }


if __name__ == "__main__":
    sys.exit(main())
