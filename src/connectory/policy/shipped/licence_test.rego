package connectory.licence_test

import rego.v1

import data.connectory.licence

test_no_licence_is_warned_of if count(licence.warn_licence) == 1 with input as {"connector": {}}

test_a_licence_is_allowed if {
	count(licence.warn_licence) == 0 with input as {"connector": {"license": "MIT"}}
	count(licence.deny_licence) == 0 with input as {"connector": {"license": "MIT OR Apache-2.0"}}
}

test_licences_that_reach_further_are_denied if {
	every one in ["AGPL-3.0-only", "MIT AND SSPL-1.0", "busl-1.1"] {
		count(licence.deny_licence) == 1 with input as {"connector": {"license": one}}
	}
}
