package connectory.access_test

import rego.v1

import data.connectory.access

test_denies if count(access.deny_wildcard) == 1 with input as {"connector": {"permissions": {"oauth": [{"scopes": ["admin:org"]}]}}}

test_allows if count(access.deny_wildcard) == 0 with input as {"connector": {"permissions": {"oauth": [{"scopes": ["chat:write"]}]}}}
