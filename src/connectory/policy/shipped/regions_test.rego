package connectory.regions_test

import rego.v1

import data.connectory.regions

test_denies if count(regions.deny_region) == 1 with input as {"connector": {"runtime": {"resources": {"region": "eu-west-1"}}, "policies": {"allowed_regions": ["us-east-1"]}}}

test_allows if count(regions.deny_region) == 0 with input as {"connector": {"runtime": {"resources": {"region": "us-east-1"}}, "policies": {"allowed_regions": ["us-east-1"]}}}
