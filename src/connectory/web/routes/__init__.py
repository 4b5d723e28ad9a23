"""The routes of the pages: parse the request, ask the slices, fill the page."""

from fastapi import APIRouter, Depends

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
    policies,
    provider,
    reference,
    review,
    reviews,
    runs,
    schedules,
    search,
    searches,
    sets,
    sources,
    static,
    team,
    team_changes,
    trying,
    twins,
    upgrade,
    upload,
)
from connectory.web.routes.waiting_reviews import count_reviews

ROUTERS: tuple[APIRouter, ...] = (
    home.router,
    twins.router,
    search.router,
    searches.router,
    sets.router,
    policies.router,
    sources.router,
    comparing.router,
    upload.router,  # before drafts: `upload` is no draft
    new.router,
    observed.router,
    connector.router,
    install.router,
    trying.router,
    operations.router,
    reviews.router,
    review.router,
    instance.router,
    runs.router,
    schedules.router,
    upgrade.router,
    team.router,
    team_changes.router,
    account.router,
    provider.router,
    own.router,
    reference.router,
    api_docs.router,
    patterns.router,
    static.router,
)
"""Every router of pages, for the server to mount."""

FOR_EVERY_PAGE = [Depends(count_reviews)]
