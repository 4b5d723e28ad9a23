package connectory.status_test

import rego.v1

import data.connectory.status

test_denies if count(status.deny_status) == 1 with input as {"action": "deploy", "connector": {"vetting_status": "draft"}}

test_allows if count(status.deny_status) == 0 with input as {"action": "deploy", "connector": {"vetting_status": "approved"}}
