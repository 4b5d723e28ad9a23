"""Sample content: rehearsals of a removal, and a try."""

from connectory.web.pages.connector import Rehearsed
from connectory.web.pages.trying import TryPage
from connectory.web.parts import Fact
from connectory.web.samples.present import ago
from connectory.web.samples.running import LINES

REHEARSED = Rehearsed(
    at=ago(days=2),
    engine="0.1.0",
    contained=True,
    examples=(
        Fact("lead-created", "answered 200, 1 arrived at stand-ins"),
        Fact("run-newest", "answered 200, 1 arrived at stand-ins"),
    ),
)
LEFT_BEHIND = Rehearsed(
    at=ago(days=80),
    engine="0.1.0",
    contained=False,
    examples=(Fact("lead-created", "failed with 502, 0 arrived at stand-ins"),),
    findings=("file /tmp/crm-cache.db", "subscription crm: http://127.0.0.1:7600/hooks/…"),
    retained=("file reports/leads.csv",),
)
TRY = TryPage(
    namespace="bizops",
    id="crm-to-slack-v1",
    name="CRM -> Slack New Lead",
    version="1.3.0",
    example="lead-created",
    trigger="/lead",
    event='{\n  "event": "lead.created",\n  "lead_id": "lead_8a7b6c5d4e3f2a1b"\n}',
    status=200,
    output='{\n  "status": "posted",\n  "channel": "#sales"\n}',
    arrived=(Fact("slack", '{\n  "channel": "#sales",\n  "text": "New lead: Ada"\n}'),),
    logs=LINES,
    standins=("slack", "crm"),
    contained=True,
    seconds=3.2,
)
