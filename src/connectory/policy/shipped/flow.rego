package connectory.flow

import rego.v1

# METADATA
# title: Data has an end
# description: data that is kept without an end leaks one day
# custom:
#   fix: "add `data_retention` to `policies`, such as 30d"
#   controls: ["GDPR Art. 5(1)(e)", "SOC 2 C1.2", "ISO 27001 A.8.10", "FedRAMP SI-12"]
deny_retention contains {"msg": msg, "field": "policies.data_retention"} if {
	object.get(input.connector, ["policies", "data_retention"], "") == ""
	msg := "it does not say how long data is kept"
}

# METADATA
# title: Data is classified
# description: reviewers weigh a connector by the data that goes through it
# custom:
#   fix: "add `data.classification`: public, internal, confidential or restricted"
#   controls: ["SOC 2 C1.1", "ISO 27001 A.5.12", "FedRAMP RA-2"]
deny_classification contains {"msg": msg, "field": "data.classification"} if {
	object.get(input.connector, ["data", "classification"], "") == ""
	msg := "it does not say how confidential its data is"
}

# METADATA
# title: Data about people is confidential
# description: what is classified too low is sent, logged and shared too easily
# custom:
#   fix: "raise `data.classification` to confidential or restricted"
#   controls: ["GDPR Art. 32", "ISO 27001 A.5.34", "FedRAMP PT-2"]
deny_personal contains {"msg": msg, "field": "data.classification"} if {
	object.get(input.connector, ["data", "personal_data"], false) == true
	class := object.get(input.connector, ["data", "classification"], "unclassified")
	not class in {"confidential", "restricted"}
	msg := sprintf("it handles personal data and calls them %v", [class])
}
