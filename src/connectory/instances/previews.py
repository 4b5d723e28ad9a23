"""The JSON of what a change of an instance would do, and of what it has run."""

from pydantic import BaseModel

from connectory.catalog.views import ChangeView
from connectory.instances.change import Preview
from connectory.instances.history import Entry
from connectory.instances.upgrade import Upgrade
from connectory.instances.views import ProblemView, change_views, problem_views
from connectory.kernel.clock import rfc3339
from connectory.operations.rules import Recipe


class PreviewView(BaseModel):
    """What a change would do; nothing was changed. `steps` are titles, in their order."""

    action: str
    team: str
    instance: str
    state: str
    effect: str
    steps: list[str]


class RollbackView(PreviewView):
    """What a rollback would do, and how what it leads to differs from what runs."""

    from_version: str
    version: str
    changes: list[ChangeView]
    setting_changes: list[ChangeView]
    grown: list[str]
    problems: list[ProblemView]


class HistoryEntry(BaseModel):
    """A version with its settings that an instance ran from `at` on."""

    version: str
    digest: str
    kind: str
    by: str
    at: str
    setting_changes: list[ChangeView]


class HistoryView(BaseModel):
    """What an instance ran, newest first."""

    items: list[HistoryEntry]


def preview_view(one: Preview) -> PreviewView:
    """Describe what a change would do."""
    return PreviewView(
        action=one.kind,
        team=one.instance.team,
        instance=one.instance.name,
        state=one.instance.state,
        effect=one.effect,
        steps=list(one.steps),
    )


def rollback_view(made: Upgrade, recipe: Recipe) -> RollbackView:
    """Describe what a rollback would do."""
    there, version = made.instance, made.plan.version.release.version
    return RollbackView(
        action=made.kind,
        team=there.team,
        instance=there.name,
        state=there.state,
        effect=f"{version} with the settings of then takes the place of {there.version}",
        steps=[step.title for step in recipe.steps],
        from_version=there.version,
        version=version,
        changes=change_views(made.changes),
        setting_changes=change_views(made.settings),
        grown=list(made.grows),
        problems=problem_views(made.plan),
    )


def history_view(entries: tuple[Entry, ...]) -> HistoryView:
    """Describe what an instance ran."""
    return HistoryView(
        items=[
            HistoryEntry(
                version=one.version,
                digest=one.digest,
                kind=one.kind,
                by=one.by,
                at=rfc3339(one.at),
                setting_changes=change_views(one.changes),
            )
            for one in entries
        ]
    )
