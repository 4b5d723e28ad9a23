"""GET and POST /new…: describe a connector by forms, look at the manifest, publish it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Annotated, ClassVar

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel

from connectory.access import read as access
from connectory.access.actors import Publisher
from connectory.access.edge import Opener, Opening
from connectory.access.rules import Actor
from connectory.catalog.written import page_of
from connectory.kernel.errors import ConnectoryError, Kind, Problem
from connectory.manifest.permissions import in_words
from connectory.publishing import drafts, wizard
from connectory.publishing.release import Upload, publish
from connectory.publishing.rules import Draft, SecretInDraftError, check_secretless
from connectory.publishing.wizard import STEPS, Step
from connectory.scaffold.files import TEMPLATES
from connectory.web.answering import REFUSED, Entered, see_other, show, trouble_of
from connectory.web.pages.new import Beginning, DraftRow, NewPage, ReviewPage, StepPage
from connectory.web.parts import Option, Permissions
from connectory.web.routes.draft_form import fields_of, filled, finding_of, of_step

router = APIRouter(include_in_schema=False)

PAGE, DRAFT = "/new", "/new/{draft}"
STEP = DRAFT + "/{slug}"
ADD, REMOVE = "add:", "remove:"
REVIEW = Option("review", "Review")
RAIL = (*(Option(step.slug, step.title) for step in STEPS), REVIEW)
UNTITLED = "Untitled connector"
ALONE = Beginning(
    "manifest",
    "Manifest only",
    "The code is elsewhere, or comes later: describe it and publish the description.",
)


class StepMissingError(ConnectoryError):
    """A draft has no step of this name."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "step-missing"

    def __init__(self, slug: str) -> None:
        known = ", ".join(option.value for option in RAIL)
        super().__init__(f"a draft has no step {slug[:40]}", hint=f"there are: {known}")


class Asked(BaseModel):
    """How to show a step: the list that gets an empty entry; what is wrong; what was done."""

    add: str = ""
    check: bool = False
    saved: bool = False


@router.get(PAGE)
def show_new(request: Request, opener: Opening, by: Publisher) -> HTMLResponse:
    """Show the ways to begin, and the drafts of whoever asks."""
    return show(request, _beginning(request, opener, by))


@router.post(PAGE)
def begin(
    request: Request, template: Annotated[str, Form()], opener: Opening, by: Publisher
) -> Response:
    """Start a draft and go on to its first step."""
    code = "" if template == ALONE.value else template
    try:
        with opener.write() as work:
            namespace = by.namespace or next(iter(access.namespaces_of(work, by)), "")
            text = wizard.first_text(code, by.name, namespace)
            draft = drafts.start(work, by, code, text)
    except ConnectoryError as refused:
        page = _beginning(request, opener, by)
        return show(request, replace(page, troubles=(trouble_of(refused),)), REFUSED)
    return see_other(f"/new/{draft.id}/{STEPS[0].slug}")


@router.get(DRAFT)
def resume(draft: str, opener: Opening, by: Publisher) -> Response:
    """Go on with a draft where something is open; else with its review."""
    found = _found(opener, draft, by)
    errors = wizard.examine(found).errors
    open_ = next((step.slug for step in STEPS if of_step(step, errors)), REVIEW.value)
    check = "" if open_ == REVIEW.value else "?check=true"
    return see_other(f"/new/{found.id}/{open_}{check}")


@router.post(DRAFT + "/delete")
def delete(draft: str, opener: Opening, by: Publisher) -> Response:
    """Delete a draft."""
    with opener.write() as work:
        drafts.delete(work, draft, by)
    return see_other(PAGE)


@router.get(DRAFT + "/manifest.yaml")
def download_manifest(draft: str, opener: Opening, by: Publisher) -> Response:
    """Give the manifest as a file."""
    text = _found(opener, draft, by).text
    return _attachment(text.encode(), "application/yaml", "manifest.yaml")


@router.get(DRAFT + "/project.tar.gz")
def download_project(draft: str, opener: Opening, by: Publisher) -> Response:
    """Give the folder of the connector, with code and tests, as an archive."""
    packed = wizard.project(_found(opener, draft, by))
    return _attachment(packed, "application/gzip", "project.tar.gz")


@router.get(DRAFT + "/review")
def review(request: Request, draft: str, opener: Opening, by: Publisher) -> HTMLResponse:
    """Show the manifest, what is open, and what can be done with it."""
    return show(request, _review(_found(opener, draft, by)))


@router.post(DRAFT + "/publish")
def publish_draft(request: Request, draft: str, opener: Opening, by: Publisher) -> Response:
    """Publish a draft as the API would, and delete it."""
    found = _found(opener, draft, by)
    loaded = wizard.examine(found).loaded
    if loaded is None:
        return show(request, _review(found), REFUSED)
    packed = wizard.package(found)
    try:
        upload = Upload(loaded, None if packed is None else (packed,))
        done = publish(opener, request.app.state.depot, upload, by)
    except ConnectoryError as refused:
        page = replace(_review(found), troubles=(trouble_of(refused),))
        return show(request, page, REFUSED)
    with opener.write() as work:
        drafts.delete(work, draft, by, reason="published")
    return see_other(page_of(done.added.release))


@router.get(STEP)
def show_step(
    request: Request,
    draft: str,
    slug: str,
    opener: Opening,
    by: Publisher,
    asked: Annotated[Asked, Query()],
) -> HTMLResponse:
    """Show a step with what the draft says so far."""
    found, step = _found(opener, draft, by), _step(slug)
    # nobody is told what is missing before they had a chance to enter it
    problems = wizard.examine(found).errors if asked.check else ()
    page = _step_page(found, step, problems, more=asked.add)
    return show(request, replace(page, is_saved=asked.saved))


@router.post(STEP)
def save_step(
    request: Request, draft: str, slug: str, entered: Entered, opener: Opening, by: Publisher
) -> Response:
    """Save a step, whole or not; go on only when nothing in it is wrong."""
    found, step = _found(opener, draft, by), _step(slug)
    action = entered.get("action", "")
    changed = replace(found, text=wizard.with_answers(found, step, _left(entered, action)))
    try:
        with opener.write() as work:
            drafts.save(work, found, changed.text)
    except ConnectoryError as refused:
        page = _step_page(changed, step, ())
        return show(request, replace(page, troubles=(trouble_of(refused),)), REFUSED)
    if action != "next":
        query = f"?add={action.removeprefix(ADD)}" if action.startswith(ADD) else "?saved=true"
        return see_other(f"/new/{draft}/{slug}{query}")
    page = _step_page(changed, step, wizard.examine(changed).errors)
    if page.troubles:
        return show(request, page, REFUSED)
    return see_other(f"/new/{draft}/{RAIL[page.current + 1].value}")


@router.post(STEP + "/check")
def check_step(
    draft: str, slug: str, entered: Entered, opener: Opening, by: Publisher
) -> JSONResponse:
    """Say what is wrong with a step as it is being filled in; nothing is saved."""
    found, step = _found(opener, draft, by), _step(slug)
    changed = replace(found, text=wizard.with_answers(found, step, entered))
    try:
        check_secretless(changed.text)
    except SecretInDraftError as refused:
        return JSONResponse({"errors": {}, "said": trouble_of(refused).message})
    page = _step_page(changed, step, wizard.examine(changed).errors)
    fields = fields_of(page.groups).values()
    return JSONResponse(
        {"errors": {one.id: one.error for one in fields if one.error}, "said": ""}
    )


def _found(opener: Opener, draft: str, by: Actor) -> Draft:
    with opener.read() as work:
        return drafts.find(work, draft, by)


def _step(slug: str) -> Step:
    found = next((step for step in STEPS if step.slug == slug), None)
    if found is None:
        raise StepMissingError(slug)
    return found


def _left(entered: Mapping[str, str], action: str) -> Mapping[str, str]:
    """Return what was entered, without the entry of a list that is to be removed."""
    if not action.startswith(REMOVE):
        return entered
    gone = action.removeprefix(REMOVE) + "."
    return {name: value for name, value in entered.items() if not name.startswith(gone)}


def _beginning(request: Request, opener: Opener, by: Actor) -> NewPage:
    with opener.read() as work:
        mine = drafts.mine(work, by)
        may_publish = bool(by.namespace or access.namespaces_of(work, by))
    return NewPage(
        beginnings=(
            *(Beginning(name, _title(name), f"It {text}.") for name, text in TEMPLATES.items()),
            ALONE,
        ),
        drafts=tuple(
            DraftRow(one.id, _name(one), _title(one.template), one.changed_at) for one in mine
        ),
        days=request.app.state.settings.draft_days,
        may_publish=may_publish,
    )


def _step_page(
    draft: Draft, step: Step, problems: Iterable[Problem], *, more: str = ""
) -> StepPage:
    form = filled(draft, step, of_step(step, problems), more=more)
    return StepPage(
        draft=draft.id,
        title=_name(draft),
        steps=RAIL,
        current=STEPS.index(step),
        groups=form.groups,
        code=draft.template,
        troubles=form.troubles,
    )


def _review(draft: Draft) -> ReviewPage:
    examined = wizard.examine(draft)
    words = in_words(examined.loaded.manifest) if examined.loaded else None
    return ReviewPage(
        draft=draft.id,
        title=_name(draft),
        steps=RAIL,
        source=draft.text,
        findings=tuple(finding_of(one, draft.id) for one in examined.problems),
        permissions=Permissions(words.will, words.will_not) if words else None,
        code=draft.template,
    )


def _name(draft: Draft) -> str:
    document = wizard.document_of(draft)
    return f"{document.get('name') or document.get('id') or UNTITLED}"


def _title(template: str) -> str:
    return template.replace("-", " ").capitalize() if template else ALONE.title


def _attachment(content: bytes, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)
