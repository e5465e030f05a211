"""The stored measurements of ``compare``, with their date and machine."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256

from lstm_ascii.cells import CELLS
from lstm_ascii.reports.compare.claims import claims_of
from lstm_ascii.reports.compare.comparison import Comparison
from lstm_ascii.reports.compare.report import SCHEMA_VERSION, CompareReport
from lstm_ascii.reports.stored import restored
from lstm_ascii.sources import WEIGHTS

FILE = WEIGHTS / "compare.json"


def ready(comparison: Comparison) -> CompareReport | None:
    """Return what was measured before; ``None`` where something else is asked for, or other networks are there."""
    if replace(comparison, views=(), timed=True) != Comparison() or not FILE.exists():
        return None
    kept = json.loads(FILE.read_text(encoding="utf-8"))
    if (kept["networks"], kept["report"]["schema_version"]) != (digest(), SCHEMA_VERSION):
        return None
    return _asked_for(restored(CompareReport, kept["report"]), comparison)


def digest() -> str:
    """Return a hash of the networks of the package."""
    found = sha256()
    for name in CELLS:
        found.update((WEIGHTS / f"{name}.safetensors").read_bytes())
    return found.hexdigest()


def _asked_for(report: CompareReport, comparison: Comparison) -> CompareReport:
    """Return a report without what was not asked for."""
    wants = comparison.wants
    trained = tuple(
        replace(
            network,
            agreement=network.agreement if wants("agreement") else None,
            gates=network.gates if wants("gates") else None,
            inside=network.inside if wants("gradient") else None,
            along=network.along if wants("gradient") else None,
            inside_choice=network.inside_choice if wants("gradient") else None,
            along_choice=network.along_choice if wants("gradient") else None,
        )
        for network in report.trained
    )
    return replace(
        report,
        sizes=report.sizes if wants("size") else (),
        times=report.times if comparison.timed and wants("time") else (),
        recall=report.recall if wants("span") else None,
        random=report.random if wants("gradient") else (),
        radii=report.radii if wants("gradient") else (),
        trained=trained if any(map(wants, ("size", "agreement", "gradient", "gates"))) else (),
        claims=claims_of(report) if wants("claims") else (),  # by the rules of today
    )
