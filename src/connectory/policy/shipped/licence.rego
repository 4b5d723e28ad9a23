package connectory.licence

import rego.v1

# METADATA
# title: A licence is named
# description: without one nobody may use it
# custom:
#   fix: "add `license:`, such as Apache-2.0 or LicenseRef-Internal"
#   controls: ["ISO 27001 A.5.32"]
warn_licence contains {"msg": msg, "field": field} if {
	object.get(input.connector, "license", "") == ""
	msg := "it names no licence"
	field := "license"
}
