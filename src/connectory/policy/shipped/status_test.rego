package connectory.status_test

import rego.v1

import data.connectory.status

wanted(action, status) := {"action": action, "connector": {"vetting_status": status}}

test_a_draft_is_not_deployed if count(status.deny_status) == 1 with input as wanted("deploy", "draft")

test_what_is_approved_is_deployed if count(status.deny_status) == 0 with input as wanted("deploy", "approved")

test_a_version_may_be_reviewed if count(status.deny_status) == 0 with input as wanted("review", "review")
