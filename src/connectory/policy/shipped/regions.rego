package connectory.regions

import rego.v1

# METADATA
# title: Data stays in its regions
# description: data may only be where the manifest allows it
# custom:
#   fix: "name a region of `policies.allowed_regions` in `runtime.resources.region`"
#   controls: ["GDPR Art. 44", "SOC 2 CC6.1", "ISO 27001 A.5.31", "FedRAMP SA-9(5)"]
deny_region contains {"msg": msg, "field": "runtime.resources.region"} if {
	# Both sides come in one spelling: us-east1 of Google is us-east-1.
	region := input.connector.runtime.resources.region
	allowed := input.connector.policies.allowed_regions
	not region in allowed
	msg := sprintf("the region %v is not one of %v", [spelled(region), concat(", ", allowed)])
}

spelled(region) := region if region == given(region)

spelled(region) := sprintf("%v (%v)", [given(region), region]) if region != given(region)

given(region) := object.get(input.connector, ["runtime", "resources", "region_given"], region)
