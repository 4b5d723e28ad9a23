"""Curated sets, saved searches and first steps with sample content."""

from connectory.web.pages.home import FirstStep
from connectory.web.pages.search import SavedPage, SavedRow
from connectory.web.pages.sets import SetEditPage, SetMemberRow, SetPage, SetRow, SetsPage
from connectory.web.parts import Field, Link
from connectory.web.samples.connectors import CARDS

SAVED = (
    SavedRow("ss_1A2B3C4D5E6F", "Slack alerts", "/connectors?q=slack&tag=alert"),
    SavedRow("ss_6F5E4D3C2B1A", "Everything for CRM", "/connectors?domain=crm"),
)
SEARCHES = SavedPage(SAVED)
STEPS = (
    FirstStep("Sign in", "You are max.", is_done=True),
    FirstStep(
        "Be in a team",
        "An admin makes one: `connectory team create`.",
        is_done=True,
        link=Link("Open your team", "/t/payments"),
    ),
    FirstStep(
        "Have a connector in the catalog",
        "Describe one on a page, or begin with `connectory new`.",
        is_done=False,
        link=Link("Bring your own", "/new"),
    ),
    FirstStep(
        "Set your team's defaults",
        "What every install of your team begins with: a channel, an address.",
        is_done=False,
        link=Link("Set defaults", "/t/payments#defaults"),
    ),
    FirstStep(
        "Install a connector",
        "The preview says what it will do and cost before anything happens.",
        is_done=False,
        link=Link("Choose one", "/connectors?status=approved"),
    ),
)
SETS = SetsPage(
    rows=(
        SetRow("start", "Start here", "Connectors that most teams install first.", 3, 4),
        SetRow("crm", "For sales", "What the CRM can be connected to.", 2, 1),
    ),
    form=(
        Field("title", "Title", required=True),
        Field("id", "Id", required=True, hint="Its address: small letters, digits and `-`."),
    ),
)
SET = SetPage(
    "start",
    "Start here",
    "Connectors that most teams install first.",
    CARDS[:3],
    may_curate=True,
)
SET_EDIT = SetEditPage(
    id="start",
    title="Start here",
    revision=4,
    form=(
        Field("title", "Title", value="Start here", required=True),
        Field(
            "why",
            "Why these",
            "textarea",
            "Connectors that most teams install first.",
            hint="One sentence for people who choose.",
        ),
    ),
    members=(
        SetMemberRow("bizops/slack-alerts", "Onboard your team to Slack alerts", "approved"),
        SetMemberRow("bizops/crm-to-slack-v1", "", "deprecated"),
        SetMemberRow("bizops/cost-monitor-v1", "", "vanished"),
    ),
    member_form=(
        Field("connector", "Connector", required=True, example="bizops/crm-to-slack-v1"),
        Field("card_title", "Title on its card", hint="Instead of its name."),
    ),
)
