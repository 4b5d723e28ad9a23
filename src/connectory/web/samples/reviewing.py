"""The queue of reviews and one review, with sample content."""

from connectory.web.marks import REVIEW
from connectory.web.pages.reviews import QueuePage, QueueRow
from connectory.web.parts import Option
from connectory.web.samples.present import ago

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
