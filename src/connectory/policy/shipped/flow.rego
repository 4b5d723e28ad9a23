package connectory.flow

import rego.v1

# METADATA
# title: Data retention
# description: data that is kept without an end leaks one day
# custom:
#   fix: "add `data_retention` to `policies`, such as 30d"
#   controls: ["GDPR Art. 5(1)(e)", "ISO 27001 A.8.10"]
deny_retention contains {"msg": msg, "field": field} if {
	object.get(input.connector, ["policies", "data_retention"], "") == ""
	msg := "it does not say how long data is kept"
	field := "policies.data_retention"
}

# METADATA
# title: Data classification
# description: reviewers weigh a connector by the data that goes through it
# custom:
#   fix: "add `data.classification`, and say in `data.personal_data` whether there is personal data"
#   controls: ["ISO 27001 A.5.12", "SOC 2 C1.1"]
deny_classification contains {"msg": msg, "field": field} if {
	object.get(input.connector, ["data", "classification"], "") == ""
	msg := "it does not say how confidential its data is"
	field := "data.classification"
}
