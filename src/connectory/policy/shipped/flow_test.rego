package connectory.flow_test

import rego.v1

import data.connectory.flow

handling(data_of) := {"connector": {"data": data_of}}

test_data_without_an_end_is_denied if count(flow.deny_retention) == 1 with input as {"connector": {}}

test_data_with_an_end_is_allowed if {
	count(flow.deny_retention) == 0 with input as {"connector": {"policies": {"data_retention": "30d"}}}
}

test_unclassified_data_is_denied if count(flow.deny_classification) == 1 with input as {"connector": {}}

test_classified_data_is_allowed if {
	count(flow.deny_classification) == 0 with input as handling({"classification": "internal"})
}

test_internal_personal_data_is_denied if {
	count(flow.deny_personal) == 1 with input as handling({"classification": "internal", "personal_data": true})
}

test_unclassified_personal_data_is_denied if {
	count(flow.deny_personal) == 1 with input as handling({"personal_data": true})
}

test_confidential_personal_data_is_allowed if {
	count(flow.deny_personal) == 0 with input as handling({"classification": "confidential", "personal_data": true})
}
