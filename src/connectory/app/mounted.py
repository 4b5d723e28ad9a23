"""The routes of all slices, in the order in which they are tried."""

from connectory.access import account_api, reviewer_api
from connectory.access import api as access
from connectory.access import audit_api as audit
from connectory.app import api as server
from connectory.catalog import api as catalog
from connectory.catalog import package_api
from connectory.impact import api as impact
from connectory.instances import api as instances
from connectory.instances import change_api, live_api, quarantine_api, team_api
from connectory.listing import api as listing
from connectory.listing import searches_api, sets_api, similar_api
from connectory.monitoring import api as monitoring
from connectory.observed import api as observed
from connectory.operations import api as operations
from connectory.policies import api as policies
from connectory.policies import decision_api
from connectory.publishing import api as publishing
from connectory.publishing import bulk_api, publisher_api
from connectory.rehearsals import api as rehearsals
from connectory.runs import api as runs
from connectory.runs import hook_api
from connectory.schedules import api as schedules
from connectory.sources import api as sources
from connectory.vetting import api as vetting
from connectory.vetting import (
    attestation_api,
    delegation_api,
    osv_api,
    review_api,
    sbom_api,
    waiver_api,
)

ROUTERS = (
    listing.router,  # these four first: they are asked most, and routes are tried in order
    catalog.of_one,
    hook_api.router,
    catalog.router,
    package_api.router,
    similar_api.router,
    sets_api.router,
    searches_api.router,
    vetting.router,
    review_api.router,
    review_api.of_version,
    waiver_api.router,
    delegation_api.router,
    osv_api.router,
    policies.router,
    attestation_api.router,
    sbom_api.router,
    quarantine_api.router,
    impact.router,
    decision_api.router,
    publishing.router,
    bulk_api.router,
    publisher_api.router,
    sources.router,
    instances.router,
    team_api.router,
    live_api.router,
    monitoring.router,
    change_api.router,
    runs.router,
    schedules.router,
    observed.router,
    rehearsals.router,
    operations.router,
    access.router,
    account_api.router,
    reviewer_api.router,
    audit.router,
    server.router,
)
