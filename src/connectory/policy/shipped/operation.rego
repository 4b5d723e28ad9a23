package connectory.operation

import rego.v1

# METADATA
# title: Limits of resources
# description: without a limit one connector takes what others need
# custom:
#   fix: "add `cpu` and `memory` to `runtime.resources`"
#   controls: ["SOC 2 A1.1", "ISO 27001 A.8.6"]
deny_resources contains {"msg": msg, "field": field} if {
	some name in ["cpu", "memory"]
	object.get(input.connector, ["runtime", "resources", name], "") == ""
	msg := sprintf("it names no limit of %v", [name])
	field := "runtime.resources"
}

# METADATA
# title: Somebody is on call
# description: when it fails at night, somebody has to know what to do
# custom:
#   fix: "add `runbook` and `owner_oncall` to `support`"
#   controls: ["SOC 2 CC7.4", "ISO 27001 A.5.24", "FedRAMP IR-4"]
deny_support contains {"msg": msg, "field": field} if {
	some name in ["runbook", "owner_oncall"]
	object.get(input.connector, ["support", name], "") == ""
	msg := sprintf("`support` has no %v", [name])
	field := "support"
}

# METADATA
# title: High risk stays out of production until its owner is on call for it
# description: an early version of something risky belongs in a test environment
# custom:
#   fix: "raise `lifecycle.stage` to stable, or deploy it elsewhere"
#   controls: ["SOC 2 CC3.2", "ISO 27001 A.8.31"]
deny_risk contains {"msg": msg, "field": field} if {
	input.environment in {"prod", "production"}
	"risk:high" in object.get(input.connector, "tags", [])
	object.get(input.connector, ["lifecycle", "stage"], "") != "stable"
	msg := "it is of high risk and not stable, and the environment is production"
	field := "lifecycle.stage"
}
