package connectory.access

import rego.v1

# METADATA
# title: Secrets say how to get them
# description: whoever installs it would ask around, and paste secrets into chats
# custom:
#   fix: "add `provision` to the secret, such as {method: store, path: \"teams/{team}/name\"}"
#   controls: ["SOC 2 CC6.1", "ISO 27001 A.5.17", "FedRAMP IA-5"]
deny_provision contains {"msg": msg, "field": "secrets"} if {
	some secret in object.get(input.connector, "secrets", [])
	object.get(secret, ["provision", "method"], "") == ""
	msg := sprintf("the secret %v does not say how to provision it", [secret.name])
}

# METADATA
# title: No wildcard in permissions
# description: what may do everything does too much on the day it is broken into
# custom:
#   fix: "list each action and scope that it calls; whoever knows the system can name them"
#   controls: ["SOC 2 CC6.3", "ISO 27001 A.8.2", "FedRAMP AC-6"]
deny_wildcard contains {"msg": msg, "field": "permissions"} if {
	some right in rights(object.get(input.connector, "permissions", {}))
	regex.match(`[*?]`, right)
	msg := sprintf("the permission %v allows more than it names", [right])
}

# METADATA
# title: No administrator's rights
# description: a connector moves data; it manages neither people nor systems
# custom:
#   fix: "ask for the scope of the one thing that it does, such as repo:status for admin:org"
#   controls: ["SOC 2 CC6.3", "ISO 27001 A.8.2", "FedRAMP AC-6(5)"]
deny_admin contains {"msg": msg, "field": "permissions"} if {
	some right in rights(object.get(input.connector, "permissions", {}))
	administers(right)
	msg := sprintf("the permission %v is one of an administrator", [right])
}

administers(right) if regex.match(`(?i)(^|[.:/_-])(admin|administrator|superuser|full[_-]?(access|control))($|[.:/_-])`, right)

administers(right) if regex.match(`(?i)(^|[.:/_-])(owner|root|full|all)($|[.:/])`, right)

administers(right) if regex.match(`(?i)^(roles/editor|contributor)$`, right)

administers(right) if regex.match(`^https://(www\.googleapis\.com/auth/cloud-platform|mail\.google\.com/)$`, right)

# METADATA
# title: Hosts have names
# description: an address, a wildcard or this machine says nothing of who gets the data
# custom:
#   fix: "name each host in `permissions.allowed_hosts` as in api.example.com"
#   controls: ["SOC 2 CC6.6", "ISO 27001 A.8.20", "FedRAMP SC-7(5)"]
deny_host contains {"msg": msg, "field": "permissions.allowed_hosts"} if {
	some host in object.get(input.connector, ["permissions", "allowed_hosts"], [])
	nameless(host)
	msg := sprintf("the host %v is no name of a host on the network", [host])
}

nameless(host) if contains(host, "*")

nameless(host) if regex.match(`^[0-9.]+(:[0-9]+)?$`, host)

nameless(host) if contains(host, "[")

nameless(host) if regex.match(`(?i)^(localhost|metadata)(:|$)|\.(localhost|internal)(:|$)`, host)

rights(permissions) := {one |
	some kind in ["cloud", "oauth"]
	some grant in object.get(permissions, kind, [])
	some part in ["actions", "scopes"]
	some one in object.get(grant, part, [])
}
