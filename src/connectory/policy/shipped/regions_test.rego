package connectory.regions_test

import rego.v1

import data.connectory.regions

in_region(resources) := {"connector": {
	"runtime": {"resources": resources},
	"policies": {"allowed_regions": ["us-east-1", "us-west-2"]},
}}

test_another_region_is_denied if count(regions.deny_region) == 1 with input as in_region({"region": "eu-west-1"})

test_a_listed_region_is_allowed if count(regions.deny_region) == 0 with input as in_region({"region": "us-west-2"})

test_the_spelling_that_was_given_is_told if {
	some told in regions.deny_region with input as in_region({"region": "us-west-1", "region_given": "us-west2"})
	startswith(told.msg, "the region us-west2 (us-west-1) is not one of")
}
