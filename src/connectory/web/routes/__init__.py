"""The routes of the pages: parse the request, ask the slices, fill the page."""

from fastapi import APIRouter

from connectory.web.routes import (
    account,
    api_docs,
    comparing,
    connector,
    home,
    install,
    instance,
    new,
    observed,
    operations,
    own,
    patterns,
    reference,
    runs,
    schedules,
    search,
    searches,
    sets,
    static,
    team,
    team_changes,
    twins,
    upgrade,
    upload,
)

ROUTERS: tuple[APIRouter, ...] = (
    home.router,
    twins.router,
    search.router,
    searches.router,
    sets.router,
    comparing.router,
    upload.router,  # before drafts: `upload` is no draft
    new.router,
    observed.router,
    connector.router,
    install.router,
    operations.router,
    instance.router,
    runs.router,
    schedules.router,
    upgrade.router,
    team.router,
    team_changes.router,
    account.router,
    own.router,
    reference.router,
    api_docs.router,
    patterns.router,
    static.router,
)
"""Every router of pages, for the server to mount."""
