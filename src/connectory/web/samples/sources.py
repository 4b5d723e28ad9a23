"""Sources with sample content."""

from dataclasses import replace
from datetime import timedelta

from connectory.web.pages.sources import (
    Count,
    FolderRow,
    ShownLog,
    SourcePage,
    SourceRow,
    SourcesPage,
    SyncRow,
)
from connectory.web.parts import Fact, Field, Link, Trouble
from connectory.web.samples.present import NOW

URL = "/admin/sources/market"
LAST = SyncRow(
    id="syn_9DK4X7Q2M0ZA",
    url=f"{URL}/syncs/syn_9DK4X7Q2M0ZA",
    state="done",
    asked_by="its webhook",
    asked_at=NOW - timedelta(minutes=12),
    commit="3f2c1a9b8d7e6f5a4b3c2d1e0f9a8b7c6d5e4f3a",
    published=2,
    refused=1,
)
BEFORE = SyncRow(
    id="syn_7AB2C3D4E5F6",
    url=f"{URL}/syncs/syn_7AB2C3D4E5F6",
    state="failed",
    asked_by="ana",
    asked_at=NOW - timedelta(hours=5),
    commit="",
    published=0,
    refused=0,
)
ROWS = (
    FolderRow(
        "connectors/crm-to-slack",
        "published",
        version=Link("bizops/crm-to-slack@1.4.0", "/c/bizops/crm-to-slack@1.4.0"),
        review=Link("Review", "/reviews/rev_7QK2"),
        authors=("ana",),
        sign_off="Merged by lee, who signs for architect; lee is no reviewer for product",
    ),
    FolderRow("connectors/cost-monitor", "unchanged"),
    FolderRow(
        "connectors/new-alert",
        "refused",
        trouble=Trouble("the manifest has 1 problem", "mend it, and merge that"),
        problems=("line 2: `id` is there twice; keep one of them",),
    ),
    FolderRow(
        "connectors/tickets",
        "published",
        version=Link("bizops/tickets@1.0.0", "/c/bizops/tickets@1.0.0"),
        authors=("kim", "max"),
        sign_off="Its merge signs for nobody: max wrote or owns it, and signs off no own work",
    ),
    FolderRow("connectors/notes", "skipped"),
)
RULE = (
    Field("architect", "Architect", "checkbox", "true"),
    Field("ops", "Ops", "checkbox"),
    Field("product", "Product", "checkbox", "true"),
    Field(
        "people",
        "Who is called otherwise at the host",
        "textarea",
        "ana-smith=ana",
        hint="One a line: the name there, `=`, the account here.",
    ),
)
SOURCES = SourcesPage(
    (
        SourceRow("market", "https://git.example.com/acme/market.git", "main", "bizops", LAST),
        SourceRow("tools", "https://git.example.com/acme/tools.git", "live", "payments", None),
    )
)
SOURCE = SourcePage(
    name="market",
    about=(
        Fact("Repository", "https://git.example.com/acme/market.git", code=True),
        Fact("Branch", "main", code=True),
        Fact("Folder", "connectors", code=True),
        Fact("Publishes into", "bizops"),
        Fact("Team", "bizops", url="/t/bizops"),
        Fact("A merge signs for", "architect, product"),
    ),
    syncs=(LAST, BEFORE),
    log=ShownLog(
        sync=LAST,
        rows=ROWS,
        counts=(
            Count("", 5, LAST.url, is_shown=True),
            Count("published", 2, f"{LAST.url}?outcome=published"),
            Count("unchanged", 1, f"{LAST.url}?outcome=unchanged"),
            Count("refused", 1, f"{LAST.url}?outcome=refused"),
            Count("skipped", 1, f"{LAST.url}?outcome=skipped"),
        ),
        next_url=f"{LAST.url}?after=connectors%2Fnotes",
    ),
    may_sync=True,
    older_url=f"{URL}?pulls=10",
    rule=RULE,
    counts_merges=True,
    hook_url="https://connectory.example.com/hooks/git/market",
)
SOURCE_FAILED = replace(
    SOURCE,
    log=ShownLog(
        sync=BEFORE,
        rows=(),
        counts=(Count("", 0, BEFORE.url),),
        failure=Trouble(
            "https://git.example.com/acme/market.git could not be fetched: not found",
            "check its address, its branch and the secret that opens it",
        ),
    ),
    hook_secret="shown-once-" * 3,
)
