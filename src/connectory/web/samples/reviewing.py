"""The queue of reviews and one review, with sample content."""

from dataclasses import replace

from connectory.web.markdown import to_html
from connectory.web.marks import REVIEW
from connectory.web.pages.comparing import DiffLine
from connectory.web.pages.connector import Checked, CheckRow, FindingRow, WaiverRow
from connectory.web.pages.reviewing import (
    CommentRow,
    Compared,
    Deciding,
    DecisionRow,
    GrownRow,
    ReviewPage,
    SignOff,
    Since,
)
from connectory.web.pages.reviews import QueuePage, QueueRow
from connectory.web.parts import Fact, Option
from connectory.web.samples.catalog_pages import CONNECTOR
from connectory.web.samples.comparing import DIFF
from connectory.web.samples.connectors import COST, PERMISSIONS
from connectory.web.samples.present import DIGEST, ago

WAITING = QueueRow(
    id="rev_7qk2m4",
    connector="bizops/crm-to-slack-v1",
    version="1.3.0",
    risk="medium",
    state="open",
    opened_at=ago(hours=4),
    due_at=ago(hours=-20),
    is_overdue=False,
    missing=("security", "ops"),
    passed=6,
    total=7,
)
QUEUE = QueuePage(
    rows=(
        QueueRow(
            id="rev_3ab8k1",
            connector="finance/customer-invoice-to-warehouse-nightly",
            version="12.0.0-rc.1",
            risk="high",
            state="changes-requested",
            opened_at=ago(days=3),
            due_at=ago(days=1),
            is_overdue=True,
            missing=("architect", "security", "ops", "product"),
            passed=7,
            total=7,
        ),
        WAITING,
    ),
    roles=(Option("", "Anybody"), Option("security", "Security")),
    states=(Option("", "Undecided"), *(Option(k, m.word) for k, m in REVIEW.items())),
    ages=(Option("", "Any time"), Option("overdue", "Overdue")),
    typical_wait="2 h 10 min",
    next_url="/reviews?cursor=bmV4dA",
)
CHECKS = Checked(
    rows=(
        CheckRow("Manifest", "A manifest that cannot be read cannot be run.", "passed"),
        CheckRow(
            "Licences",
            "What is installed must be allowed to be used.",
            "failed",
            findings=(
                FindingRow(
                    "manifest.yaml:9:1 license",
                    "GPL-3.0-only is not among the licences that may be used",
                    "ask its author for another licence",
                    is_error=True,
                ),
                FindingRow(
                    "src/hel\u202eper.py:3",
                    "a name that turns around",
                    "rename it",
                    is_error=False,
                ),
            ),
            check="licences",
        ),
        CheckRow(
            "Dependencies",
            "Known weaknesses come along with what is installed.",
            "not-run",
            "there is no advisory data",
            check="dependencies",
            waiver=WaiverRow("No mirror here yet.", "sam", ago(days=-20), is_for_all=True),
        ),
    ),
    passed=1,
    total=3,
    at=ago(hours=4),
)
ONE = ReviewPage(
    id=WAITING.id,
    namespace="bizops",
    connector="crm-to-slack-v1",
    name="CRM -> Slack New Lead",
    version="1.3.0",
    digest=DIGEST,
    state="open",
    risk="medium",
    published_by="ana",
    opened_at=ago(hours=4),
    due_at=ago(hours=-20),
    base="1.2.0",
    grown=(
        GrownRow("OAuth scope", "slack users:read", "security"),
        GrownRow("Network", "api.directory.example", "security"),
        GrownRow("Region", "eu-central-1", "architect"),
    ),
    roles=(
        SignOff(
            "architect", "approve", 1, ("Data flows only where it must",), "lee", ago(hours=3)
        ),
        SignOff("security", "missing", 2, ("Each scope is needed", "It keeps no data longer")),
        SignOff("ops", "missing", 0, ("Its failures are seen",)),
        SignOff("product", "carried", 0, ("A team can use it",), "pia", ago(days=9)),
    ),
    checks=CHECKS,
    permissions=PERMISSIONS,
    permission_rows=CONNECTOR.permission_rows,
    decisions=(
        DecisionRow("architect", "approve", "lee", "The new region is near.", ago(hours=3)),
        DecisionRow("product", "carried", "pia", "", ago(days=9), DIGEST, behalf_of="olu"),
        DecisionRow(
            "architect",
            "approve",
            "lee",
            "merged into the branch that market pulls",
            ago(hours=3),
            merge=("market", "3f2c1a9b8d7e6f5a4b3c2d1e0f9a8b7c6d5e4f3a"),
        ),
    ),
    comments=(
        CommentRow(1, "sam", to_html("Why `users:read`?\n\n- which users"), ago(hours=2)),
        CommentRow(2, "ana", to_html("To name the **owner** of a lead."), ago(hours=1)),
    ),
    open_points=("sign-off of security", "sign-off of ops", "licences failed"),
    since=Since(
        "1.3.0-rc.1",
        was_seen=True,
        differences=(
            ("add", Fact("Region", "eu-central-1")),
            ("remove", Fact("Secret", "pin")),
        ),
        is_package_changed=True,
        reset=("architect",),
        url="/c/bizops/crm-to-slack-v1/diff/1.3.0-rc.1...1.3.0",
    ),
    compared=Compared(
        changes=DIFF.changes,
        files=DIFF.files,
        all_files=(Fact("manifest.yaml", "1.9 kB"), Fact("src/crm_to_slack/app.py", "1.3 kB")),
        cost=COST,
        cost_before=COST,
    ),
    position=2,
    typical_wait="2 h 10 min",
    deciding=Deciding(
        (Option("security", "Security"), Option("ops", "Ops")), can_veto=True, role="security"
    ),
    may_waive=True,
    may_comment=True,
)
AUTHOR = replace(ONE, is_author=True, deciding=None, may_waive=False)
SENT_BACK = replace(
    AUTHOR,
    state="changes-requested",
    position=None,
    decisions=(
        DecisionRow(
            "security",
            "request-changes",
            "sam",
            "The scope is too wide.\nUse users:read.email.",
            ago(hours=1),
        ),
    ),
)
FIRST = replace(
    ONE,
    base="",
    since=None,
    deciding=Deciding((Option("security", "Security"),), role="security"),
    compared=Compared(
        source=(DiffLine("", "id: crm-to-slack-v1"), DiffLine("", "name: p\u0430y"))
    ),
)
SIGNED = replace(
    ONE,
    state="approved",
    deciding=None,
    open_points=(),
    is_undecided=False,
    may_waive=False,
    may_comment=False,
)
