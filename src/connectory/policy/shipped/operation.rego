package connectory.operation

import rego.v1

# METADATA
# title: Resources are limited
# description: without a limit one connector takes what others need
# custom:
#   fix: "add `cpu` and `memory` to `runtime.resources`"
#   controls: ["SOC 2 A1.1", "ISO 27001 A.8.6", "FedRAMP SC-5"]
deny_resources contains {"msg": msg, "field": "runtime.resources"} if {
	some name in ["cpu", "memory"]
	object.get(input.connector, ["runtime", "resources", name], "") == ""
	msg := sprintf("it names no limit of %v", [name])
}

# METADATA
# title: Somebody is on call
# description: when it fails at night, somebody has to know what to do
# custom:
#   fix: "add `runbook` and `owner_oncall` to `support`"
#   controls: ["SOC 2 CC7.4", "ISO 27001 A.5.24", "FedRAMP IR-4"]
deny_support contains {"msg": msg, "field": "support"} if {
	some name in ["runbook", "owner_oncall"]
	object.get(input.connector, ["support", name], "") == ""
	msg := sprintf("`support` has no %v", [name])
}

# METADATA
# title: Risk is named
# description: reviewers, deadlines and environments follow from the risk
# custom:
#   fix: "add a tag: risk:low, risk:medium or risk:high"
#   controls: ["SOC 2 CC3.2", "ISO 27001 A.5.9"]
warn_risk contains {"msg": msg, "field": "tags"} if {
	every tag in object.get(input.connector, "tags", []) {
		not startswith(tag, "risk:")
	}
	msg := "no tag says how risky it is"
}

# METADATA
# title: High risk goes to production when it is stable
# description: an early version of something risky belongs in a test environment
# custom:
#   fix: "raise `lifecycle.stage` to stable, or deploy it elsewhere"
#   controls: ["SOC 2 CC8.1", "ISO 27001 A.8.31", "FedRAMP CM-4"]
deny_risk contains {"msg": msg, "field": "lifecycle.stage"} if {
	input.environment in {"prod", "production"}
	"risk:high" in object.get(input.connector, "tags", [])
	object.get(input.connector, ["lifecycle", "stage"], "") != "stable"
	msg := "it is of high risk and not stable, and the environment is production"
}
