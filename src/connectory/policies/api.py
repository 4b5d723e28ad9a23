"""HTTP: the rules in force, the bundles that could be, and what they say of a connector."""

from typing import Annotated, Literal

from fastapi import APIRouter, status
from pydantic import Field, model_validator

from connectory.access.actors import Admin, SignedIn, Visitor
from connectory.access.bodies import Body
from connectory.access.edge import Opening, ReadWork
from connectory.access.rules import Actor
from connectory.catalog import read as catalog
from connectory.catalog.read import Version
from connectory.checks.policy import compiled
from connectory.policies import asking, change, read, views
from connectory.policies.sent import PACKED, Sent
from connectory.policies.views import BundleList, BundleView, RulesView, VerdictView
from connectory.policy import engine
from connectory.policy.document import Circumstances
from connectory.policy.judge import judge
from connectory.work import Work

router = APIRouter(prefix="/api/v1", tags=["policies"])

Word = Annotated[str, Field(max_length=100)]


class Question(Body):
    """A version (`bizops/crm-to-slack-v1`), or a manifest, and under which circumstances.

    Without `version` it is the one that stands for the connector, without `bundle` it is judged
    by the rules in force.
    """

    connector: Annotated[str, Field(max_length=200)] = ""
    version: Word = ""
    manifest: Annotated[str, Field(max_length=100_000)] = ""
    action: Literal["review", "deploy"] = "review"
    environment: Word = ""
    region: Word = ""
    target: Word = ""
    team: Word = ""
    instance: Word = ""
    bundle: Word = ""

    @model_validator(mode="after")
    def _names_one(self) -> "Question":
        if bool(self.connector) is bool(self.manifest):
            raise ValueError("name a connector, or send a manifest")
        return self


@router.get("/policies")
def show_policies(work: ReadWork, by: Visitor) -> RulesView:
    """Say in words what the rules in force ask for."""
    return views.rules_in_force(read.active(work), read.active_bundle(work))


@router.get("/policies/bundles")
def list_bundles(work: ReadWork, by: SignedIn) -> BundleList:
    """List every bundle of policies."""
    return BundleList(items=[views.bundle_view(one) for one in read.known(work)])


@router.post("/policies/bundles", status_code=status.HTTP_201_CREATED, openapi_extra=PACKED)
def upload_bundle(by: Admin, sent: Sent, opener: Opening) -> BundleView:
    """Keep a folder of policies, sent as `.tar.gz`. It is not in force by that."""
    new = change.upload(opener, sent, by)
    with opener.read() as work:
        [kept] = [one for one in read.known(work) if one.digest == new.digest]
    return views.bundle_view(kept)


@router.post("/policies/bundles/{digest}:activate")
def activate_bundle(digest: str, by: Admin, opener: Opening) -> RulesView:
    """Judge by this bundle from now on, if its tests hold and it denies its known-bad cases.

    Versions that are not decided are checked again.
    """
    bundle = change.activate(opener, digest, by)
    with opener.read() as work:
        return views.rules_in_force(read.active(work), bundle)


@router.post("/policies:evaluate")
def evaluate_policies(body: Question, work: ReadWork, by: SignedIn) -> VerdictView:
    """Say what the rules say of a version or a manifest; nothing is kept."""
    about = Circumstances(
        body.action,
        body.environment,
        body.region,
        body.target,
        body.team,
        body.instance,
        work.now,
    )
    if body.manifest:
        document = asking.of_manifest(body.manifest.encode(), about)
    else:
        document = asking.of_published(work, _wanted(work, body, by).release, about)
    files = read.rego(read.files(work, body.bundle)) if body.bundle else read.active_files(work)
    return views.verdict(judge(compiled(files), document, engine.shared()), document)


def _wanted(work: Work, body: Question, by: Actor) -> Version:
    name = catalog.resolve(work, body.connector, by)
    if body.version:
        return catalog.version(work, name, body.version, by)
    return catalog.shown(work, name, by)
