package connectory.operation_test

import rego.v1

import data.connectory.operation

test_denies if count(operation.deny_support) == 1 with input as {"connector": {"support": {"runbook": "runbook.md"}}}

test_allows if count(operation.deny_support) == 0 with input as {"connector": {"support": {"runbook": "runbook.md", "owner_oncall": "bizops"}}}
