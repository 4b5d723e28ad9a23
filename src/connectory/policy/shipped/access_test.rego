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

test_wildcards_are_denied if count(access.deny_wildcard) == 3 with input as actions(["s3:*", "*", "s3:?etObject", "s3:GetObject"])

test_named_actions_are_allowed if count(access.deny_wildcard) == 0 with input as actions(["s3:GetObject"])

test_rights_of_administrators_are_denied if {
	names := ["admin:org", "crm.admin", "Full", "full_access_as_app", "read_all", "roles/editor", "Contributor"]
	count(access.deny_admin) == 7 with input as scopes(names)
}

test_scopes_of_google_for_everything_are_denied if {
	auth := "https://www.googleapis.com/auth"
	names := [sprintf("%v/cloud-platform", [auth]), "https://mail.google.com/", sprintf("%v/drive.file", [auth])]
	count(access.deny_admin) == 2 with input as scopes(names)
}

test_words_that_look_alike_are_allowed if {
	count(access.deny_admin) == 0 with input as scopes(["chat:write", "calls.read", "ownership.read", "full_name"])
}

test_hosts_without_a_name_are_denied if {
	count(access.deny_host) == 4 with input as hosts(["*.example.com", "169.254.169.254", "localhost:80", "[::1]:80"])
}

test_named_hosts_are_allowed if {
	count(access.deny_host) == 0 with input as hosts(["slack.com", "db.example.com:5432", "localhosted.example.com", "metadata.example.com"])
}

test_no_permissions_are_allowed if {
	count(access.deny_wildcard) == 0 with input as {"connector": {}}
	count(access.deny_admin) == 0 with input as {"connector": {}}
	count(access.deny_host) == 0 with input as {"connector": {}}
}
