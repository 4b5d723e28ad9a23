"""Every page in its states, with sample content, by name."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

from connectory.web.markdown import to_html
from connectory.web.marks import GRAMMAR
from connectory.web.pages.account import SignInPage
from connectory.web.pages.api_docs import Answer, ApiDocsPage, Call, CallGroup, Parameter
from connectory.web.pages.comparing import ComparePage
from connectory.web.pages.docs import DocsPage
from connectory.web.pages.errors import ErrorCode, ErrorCodePage, ErrorCodesPage, ErrorPage
from connectory.web.pages.home import HomePage
from connectory.web.pages.operations import OperationsPage
from connectory.web.pages.patterns import PatternsPage
from connectory.web.pages.search import SearchPage
from connectory.web.parts import Field, Link, Option, Trouble
from connectory.web.render import Page
from connectory.web.samples.catalog_pages import (
    CONNECTOR,
    DEPRECATED,
    HOME,
    IN_REVIEW,
    INSTALL,
    QUARANTINED,
    README,
    SEARCH,
)
from connectory.web.samples.comparing import COMPARE, DIFF
from connectory.web.samples.connectors import CARDS, COST, FOUND, PERMISSIONS, SECRETS
from connectory.web.samples.installing import PLAN, TEAMS, TROUBLES, WHERE, WRONG_SETTINGS
from connectory.web.samples.monitoring import MONITORING
from connectory.web.samples.observed import TIGHTEN
from connectory.web.samples.people import (
    SAVED,
    SEARCHES,
    SET,
    SET_EDIT,
    SETS,
    STEPS,
)
from connectory.web.samples.policies import BUNDLE, POLICIES
from connectory.web.samples.present import NOW
from connectory.web.samples.publishing import (
    FINDINGS,
    NEW,
    NEW_VERSION,
    REVIEW,
    STEP,
    UPLOAD,
    WRONG,
)
from connectory.web.samples.reviewing import AUTHOR, FIRST, ONE, QUEUE, SENT_BACK, SIGNED
from connectory.web.samples.running import (
    ACTIVITY,
    INSTANCES,
    LINES,
    OPERATIONS,
    RUN,
    RUNS,
    STEPS_FAILED,
    STEPS_RUNNING,
)
from connectory.web.samples.sources import SOURCE, SOURCE_FAILED, SOURCES
from connectory.web.samples.team_pages import (
    ACCOUNT,
    FAILED,
    FAILING,
    INSTANCE,
    OPERATION,
    REMOVE,
    ROLLBACK,
    ROTATE,
    SAME,
    SUCCEEDED,
    SUSPENDED,
    TEAM,
    UPGRADE,
)
from connectory.web.samples.trying import TRY

NOT_FOUND = ErrorPage(
    status=404,
    title="There is nothing here",
    code="not-found",
    message="No connector crm-to-slak is listed, or you may not see it.",
    hint="Check the spelling, or search for it.",
    search="crm-to-slak",
)
SHOWN_ONCE = "cty_pat_a-sample-and-no-token"  # nothing to sign in with
PUBLISHED = ErrorCode(
    "version-exists", "conflict", "This version exists already, with different contents."
)
API = ApiDocsPage(
    title="Connectory API",
    version="0.1.0",
    groups=(
        CallGroup(
            "connectors",
            (
                Call(
                    "search-connectors",
                    "GET",
                    "/api/v1/connectors",
                    "Search the catalog",
                    "Words and facets narrow the result.",
                    (
                        Parameter(
                            "q", "query", "string", required=False, description="Words to find"
                        ),
                    ),
                    "",
                    (
                        Answer("200", "What was found"),
                        Answer("422", "A problem, as application/problem+json"),
                    ),
                    "curl http://127.0.0.1:7600/api/v1/connectors",
                ),
                Call(
                    "publish-connector",
                    "POST",
                    "/api/v1/connectors",
                    "Publish a version",
                    "",
                    (),
                    '{\n  "manifest": "file"\n}',
                    (Answer("201", "Published"),),
                    "curl -X POST …",
                ),
            ),
        ),
    ),
)


def patterns() -> PatternsPage:
    """Return the page of all components; it lists the sample pages by name."""
    return PatternsPage(
        samples=tuple(Link(name, f"/patterns/{name}") for name in PAGES),
        grammar={family: tuple(states) for family, states in GRAMMAR.items()},
        cards=(*CARDS, FOUND),
        fields=(
            *WHERE[:1],
            *WRONG_SETTINGS,
            Field("days", "Days", "number", "30", required=True),
            Field("note", "Note", "textarea", example="What changed"),
            Field(
                "value", "Value", "secret", hint="Stored encrypted. It is never shown again."
            ),
        ),
        secrets=SECRETS,
        permissions=PERMISSIONS,
        cost=COST,
        steps=(*STEPS_RUNNING, *STEPS_FAILED),
        lines=LINES,
        activity=ACTIVITY,
        moments=tuple(
            NOW - timedelta(seconds=s) for s in (1, 90, 7300, 200_000, 9_000_000, -600)
        ),
        troubles=TROUBLES,
        prose=to_html(README),
        facet=SEARCH.facets[0],
        plan=PLAN,
        instances=INSTANCES,
        operations=OPERATIONS,
        group=STEP.groups[1],
        findings=FINDINGS,
        sparks=MONITORING.sparks,
        rules=POLICIES.rules,
        vetted=(IN_REVIEW, DEPRECATED, replace(CONNECTOR, version="1.1.0")),
        diff=DIFF,
        review=ONE,
    )


PAGES: Mapping[str, Callable[[], Page]] = MappingProxyType(
    {
        "home": lambda: HOME,
        "home-first-run": lambda: HomePage(sets=(), recent=(), total=0, steps=STEPS),
        "home-saved": lambda: replace(HOME, saved=SAVED, notices=(), more_notices=0),
        "searches": lambda: SEARCHES,
        "searches-none": lambda: replace(SEARCHES, rows=(), done="The search is deleted"),
        "search-saved": lambda: replace(SEARCH, saved=SAVED, to_save="q=slack"),
        "sets": lambda: SETS,
        "sets-none": lambda: replace(SETS, rows=(), form=()),
        "set": lambda: SET,
        "set-empty": lambda: replace(SET, cards=(), may_curate=False),
        "set-edit": lambda: SET_EDIT,
        "set-edit-refused": lambda: replace(
            SET_EDIT,
            members=(),
            troubles=(
                Trouble(
                    "Start is at revision 5, changed by ana",
                    "It is shown as it is now; make your change again.",
                ),
            ),
        ),
        "policies": lambda: POLICIES,
        "policy-bundle": lambda: BUNDLE,
        "sources": lambda: SOURCES,
        "sources-none": lambda: replace(SOURCES, rows=()),
        "source": lambda: SOURCE,
        "source-never-pulled": lambda: replace(SOURCE, log=None, syncs=(), rule=()),
        "source-failed": lambda: SOURCE_FAILED,
        "search": lambda: SEARCH,
        "search-nothing-found": lambda: replace(
            SEARCH,
            query="slakc",
            cards=(),
            total=0,
            next_url="",
            suggestions=(Link("Search for slack", "/connectors?q=slack"),),
        ),
        "search-empty-catalog": lambda: SearchPage(
            query="", cards=(), total=0, facets=(), catalog_is_empty=True
        ),
        "connector": lambda: CONNECTOR,
        "connector-in-review": lambda: IN_REVIEW,
        "connector-deprecated": lambda: DEPRECATED,
        "connector-quarantined": lambda: QUARANTINED,
        "try": lambda: TRY,
        "try-failed": lambda: replace(TRY, status=502, arrived=(), contained=False),
        "diff": lambda: DIFF,
        "tighten": lambda: TIGHTEN,
        "tighten-early": lambda: replace(
            TIGHTEN, lines=(), new="", questions=(), why_not="it uses what it declares"
        ),
        "diff-same": lambda: replace(DIFF, grown=(), shrunk=(), changes=(), files=()),
        "compare": lambda: COMPARE,
        "compare-nothing": lambda: ComparePage(columns=(), rows=()),
        "install": lambda: INSTALL,
        "install-refused": lambda: replace(INSTALL, settings=WRONG_SETTINGS, troubles=TROUBLES),
        "install-plan": lambda: replace(INSTALL, plan=PLAN, entries=(("name", "leads"),)),
        "install-blocked": lambda: replace(
            INSTALL,
            troubles=(
                Trouble(
                    "Region eu-west-9 is not allowed",
                    "Choose us-east-1 or us-west-2.",
                    "f-target",
                ),
            ),
        ),
        "new": lambda: NEW,
        "new-no-drafts": lambda: replace(NEW, drafts=()),
        "new-denied": lambda: replace(NEW, drafts=(), may_publish=False),
        "new-step": lambda: STEP,
        "new-step-saved": lambda: replace(STEP, is_saved=True),
        "new-step-refused": lambda: WRONG,
        "new-review": lambda: REVIEW,
        "new-review-open": lambda: replace(
            REVIEW, findings=FINDINGS, permissions=None, code=""
        ),
        "upload": lambda: UPLOAD,
        "upload-checked": lambda: replace(UPLOAD, source=NEW_VERSION.source, is_checked=True),
        "upload-refused": lambda: replace(
            UPLOAD, source=NEW_VERSION.source, findings=FINDINGS, troubles=TROUBLES[:1]
        ),
        "new-version": lambda: NEW_VERSION,
        "operation": lambda: OPERATION,
        "operation-undone": lambda: FAILED,
        "operation-succeeded": lambda: SUCCEEDED,
        "operations": lambda: OperationsPage(
            OPERATIONS,
            teams=(Option("", "All my teams"), *TEAMS),
            states=(Option("", "Any state"), Option("running", "Running")),
            next_url="/operations?cursor=bmV4dA",
        ),
        "operations-none": lambda: OperationsPage(()),
        "operations-filtered": lambda: OperationsPage((), kind="rotate", instance="leads"),
        "reviews": lambda: QUEUE,
        "reviews-none": lambda: replace(QUEUE, rows=(), next_url="", mine=True),
        "reviews-filtered": lambda: replace(QUEUE, rows=(), next_url="", age="overdue"),
        "review": lambda: ONE,
        "review-outdated": lambda: replace(
            ONE,
            troubles=(
                Trouble(
                    "This review is about other bytes than those that you decided about",
                    "What changed is shown here; look at it and decide again.",
                ),
            ),
        ),
        "review-first": lambda: FIRST,
        "review-author": lambda: AUTHOR,
        "review-sent-back": lambda: SENT_BACK,
        "review-approved": lambda: SIGNED,
        "instance": lambda: INSTANCE,
        "instance-failing": lambda: FAILING,
        "instance-suspended": lambda: SUSPENDED,
        "run": lambda: RUN,
        "run-dead": lambda: replace(RUN, row=RUNS[3], answer="", log=()),
        "run-viewer": lambda: replace(RUN, input="", answer="", log=(), may_change=False),
        "remove": lambda: REMOVE,
        "upgrade": lambda: UPGRADE,
        "upgrade-nothing": lambda: SAME,
        "rollback": lambda: ROLLBACK,
        "rotate": lambda: ROTATE,
        "remove-refused": lambda: replace(
            REMOVE,
            typed="lead",
            trouble=Trouble(
                "“lead” is not the name of this instance", "Type leads.", "f-confirm"
            ),
        ),
        "team": lambda: TEAM,
        "team-new": lambda: replace(
            TEAM, instances=(), secrets=(), activity=(), done="Secret slack_bot_token is stored"
        ),
        "team-member": lambda: replace(TEAM, may_own=False, role="member", tokens=()),
        "team-viewer": lambda: replace(
            TEAM, may_own=False, may_change=False, role="viewer", tokens=(), defaults=()
        ),
        "sign-in": lambda: SignInPage(ticket="1f9a…"),
        "sign-in-provider": lambda: SignInPage(ticket="", provider="Example Inc."),
        "sign-in-no-link": lambda: SignInPage(
            ticket="",
            trouble=Trouble(
                "This link was used or is older than 15 minutes", "Ask for a new one."
            ),
        ),
        "account": lambda: ACCOUNT,
        "account-new-token": lambda: replace(ACCOUNT, new_token=SHOWN_ONCE),
        "account-new": lambda: replace(ACCOUNT, teams=(), tokens=(), sessions=()),
        "error-not-found": lambda: NOT_FOUND,
        "error-problems": lambda: replace(
            NOT_FOUND,
            status=422,
            title="The form has mistakes",
            code="manifest-refused",
            problems=TROUBLES,
            search="",
        ),
        "error-code": lambda: ErrorCodePage(
            PUBLISHED, "Raise the version in the manifest, or use the existing one."
        ),
        "error-codes": lambda: ErrorCodesPage(
            (
                PUBLISHED,
                ErrorCode("bad-cursor", "malformed", "A cursor belongs to another list."),
            )
        ),
        "docs": DocsPage,
        "api-docs": lambda: API,
        "patterns": patterns,
    }
)
