package connectory.access_test

import rego.v1

import data.connectory.access

scopes(names) := {"connector": {"permissions": {"oauth": [{"provider": "github", "scopes": names}]}}}

actions(names) := {"connector": {"permissions": {"cloud": [{"provider": "aws", "actions": names}]}}}

hosts(names) := {"connector": {"permissions": {"allowed_hosts": names}}}

test_a_secret_without_provision_is_denied if {
	count(access.deny_provision) == 1 with input as {"connector": {"secrets": [{"name": "key"}]}}
}

test_a_provisioned_secret_is_allowed if {
	secrets := [{"name": "key", "provision": {"method": "store"}}]
	count(access.deny_provision) == 0 with input as {"connector": {"secrets": secrets}}
}

test_wildcards_are_denied if count(access.deny_wildcard) == 2 with input as actions(["s3:*", "*", "s3:GetObject"])

test_named_actions_are_allowed if count(access.deny_wildcard) == 0 with input as actions(["s3:GetObject"])

test_rights_of_administrators_are_denied if {
	count(access.deny_admin) == 3 with input as scopes(["admin:org", "crm.admin", "Full"])
}

test_words_that_look_alike_are_allowed if {
	count(access.deny_admin) == 0 with input as scopes(["chat:write", "calls.read", "ownership.read"])
}

test_hosts_without_a_name_are_denied if {
	count(access.deny_host) == 4 with input as hosts(["*.example.com", "169.254.169.254", "localhost:80", "[::1]:80"])
}

test_named_hosts_are_allowed if {
	count(access.deny_host) == 0 with input as hosts(["slack.com", "db.example.com:5432", "localhosted.example.com"])
}

test_no_permissions_are_allowed if {
	count(access.deny_wildcard) == 0 with input as {"connector": {}}
	count(access.deny_admin) == 0 with input as {"connector": {}}
	count(access.deny_host) == 0 with input as {"connector": {}}
}
