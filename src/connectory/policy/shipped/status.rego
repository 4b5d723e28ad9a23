package connectory.status

import rego.v1

# METADATA
# title: Only approved connectors are deployed
# description: nobody has vouched for the others
# custom:
#   fix: "let it be reviewed, then deploy the version that was approved"
#   controls: ["SOC 2 CC8.1", "ISO 27001 A.8.32", "FedRAMP CM-3"]
deny_status contains {"msg": msg, "field": "vetting_status"} if {
	input.action != "review"
	input.connector.vetting_status != "approved"
	msg := sprintf("the version is %v and not approved", [input.connector.vetting_status])
}
