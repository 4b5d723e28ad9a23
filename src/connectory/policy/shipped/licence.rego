package connectory.licence

import rego.v1

# METADATA
# title: A licence is named
# description: without one nobody else may use it
# custom:
#   fix: "add `license:`, such as Apache-2.0 or LicenseRef-Internal"
#   controls: ["ISO 27001 A.5.32"]
warn_licence contains {"msg": msg, "field": "license"} if {
	object.get(input.connector, "license", "") == ""
	msg := "it names no licence"
}

# METADATA
# title: No licence that reaches beyond the connector
# description: offering it on the network would oblige the organisation to publish or to pay
# custom:
#   fix: "choose another licence, or ask the legal team for a waiver"
#   controls: ["ISO 27001 A.5.32", "SOC 2 CC9.2"]
deny_licence contains {"msg": msg, "field": "license"} if {
	licence := object.get(input.connector, "license", "")
	regex.match(`(?i)\b(AGPL|SSPL|BUSL|Elastic|RPL|OSL|EUPL)-`, licence)
	msg := sprintf("the licence %v reaches beyond the connector", [licence])
}
