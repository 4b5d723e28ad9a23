"""What the examples of the starters speak of, put where stand-ins keep what they know."""

import json
from pathlib import Path

LEAD = {
    "id": "lead_8a7b6c5d4e3f2a1b",
    "name": "Ada Lovelace",
    "email": "ada@example.com",
    "company": "Analytical Engines",
    "created_at": "2026-11-24T07:00:00.000Z",
    "updated_at": "2026-11-24T07:00:00.000Z",
}


def lay_out(directory: Path) -> None:
    """Prepare the directory of `run_all`, before it; what is there is replaced."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    (directory / "crm.json").write_text(json.dumps({"leads": [LEAD], "webhooks": []}))
