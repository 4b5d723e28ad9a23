package connectory.regions

import rego.v1

# METADATA
# title: Regions
# description: data may only be where the manifest allows it
# custom:
#   fix: "name a region of `policies.allowed_regions` in `runtime.resources.region`"
#   controls: ["SOC 2 CC6.1", "ISO 27001 A.5.31", "GDPR Art. 44", "FedRAMP SA-9(5)"]
deny_region contains {"msg": msg, "field": field} if {
	region := input.connector.runtime.resources.region
	allowed := input.connector.policies.allowed_regions
	not region in allowed
	msg := sprintf("the region %v is not one of %v", [region, concat(", ", allowed)])
	field := "runtime.resources.region"
}
