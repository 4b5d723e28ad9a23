"""The routes of the pages: parse the request, ask the slices, fill the page."""

from fastapi import APIRouter

from connectory.web.routes import (
    account,
    api_docs,
    connector,
    home,
    install,
    instance,
    operations,
    patterns,
    reference,
    search,
    static,
    team,
    upgrade,
)

ROUTERS: tuple[APIRouter, ...] = (
    home.router,
    search.router,
    connector.router,
    install.router,
    operations.router,
    instance.router,
    upgrade.router,
    team.router,
    account.router,
    reference.router,
    api_docs.router,
    patterns.router,
    static.router,
)
"""Every router of pages, for the server to mount."""
