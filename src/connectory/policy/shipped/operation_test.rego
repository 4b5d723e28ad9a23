package connectory.operation_test

import rego.v1

import data.connectory.operation

supported(support) := {"connector": {"support": support}}

in_production(tags, stage) := {
	"environment": "prod",
	"connector": {"tags": tags, "lifecycle": {"stage": stage}},
}

test_limits_are_needed if {
	count(operation.deny_resources) == 2 with input as {"connector": {}}
	count(operation.deny_resources) == 0 with input as {"connector": {"runtime": {"resources": {"cpu": 1, "memory": "1G"}}}}
}

test_somebody_has_to_be_on_call if {
	count(operation.deny_support) == 1 with input as supported({"runbook": "runbook.md"})
	count(operation.deny_support) == 0 with input as supported({"runbook": "runbook.md", "owner_oncall": "bizops"})
}

test_a_missing_risk_is_warned_of if {
	count(operation.warn_risk) == 1 with input as {"connector": {"tags": ["crm"]}}
	count(operation.warn_risk) == 0 with input as {"connector": {"tags": ["crm", "risk:low"]}}
}

test_high_risk_has_to_be_stable_in_production if {
	count(operation.deny_risk) == 1 with input as in_production(["risk:high"], "beta")
	count(operation.deny_risk) == 0 with input as in_production(["risk:high"], "stable")
	count(operation.deny_risk) == 0 with input as in_production(["risk:low"], "beta")
}
