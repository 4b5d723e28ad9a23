package connectory.access

import rego.v1

# METADATA
# title: Secrets say how to get them
# description: whoever installs it would ask around, and paste secrets into chats
# custom:
#   fix: "add `provision` to the secret, such as {method: store, path: \"teams/{team}/name\"}"
#   controls: ["SOC 2 CC6.1", "ISO 27001 A.5.17", "FedRAMP IA-5"]
deny_provision contains {"msg": msg, "field": field} if {
	some secret in object.get(input.connector, "secrets", [])
	object.get(secret, ["provision", "method"], "") == ""
	msg := sprintf("the secret %v does not say how to provision it", [secret.name])
	field := "secrets"
}

# METADATA
# title: No wildcard in permissions
# description: what may do everything does too much on the day it is broken into
# custom:
#   fix: "list the actions, scopes and hosts that it calls"
#   controls: ["SOC 2 CC6.3", "ISO 27001 A.8.2", "FedRAMP AC-6"]
deny_wildcard contains {"msg": msg, "field": field} if {
	permissions := object.get(input.connector, "permissions", {})
	some entry in wide(permissions)
	msg := sprintf("the permission %v allows more than it names", [entry])
	field := "permissions"
}

wide(permissions) := union({actions, scopes, hosts}) if {
	actions := {one |
		some grant in object.get(permissions, "cloud", [])
		some one in object.get(grant, "actions", [])
		contains(one, "*")
	}
	scopes := {one |
		some grant in object.get(permissions, "oauth", [])
		some one in object.get(grant, "scopes", [])
		regex.match(`(?i)(\*|(^|[.:/_-])(admin|root|full|all)($|[.:/_-]))`, one)
	}
	hosts := {one | some one in object.get(permissions, "allowed_hosts", []); contains(one, "*")}
}
