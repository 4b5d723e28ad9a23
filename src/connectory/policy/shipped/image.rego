package connectory.image

import rego.v1

# The images that others may build on; a name ending in / stands for all below it.
trusted := [
	"python", "debian", "alpine", "ubuntu", "node", "golang", "scratch",
	"gcr.io/distroless/", "registry.access.redhat.com/", "cgr.dev/chainguard/",
]

# METADATA
# title: Images are built on trusted ones
# description: whoever publishes the base image decides what runs
# custom:
#   fix: "begin the Dockerfile with one of the images that `trusted` lists, such as python"
#   controls: ["SOC 2 CC7.1", "ISO 27001 A.8.28", "FedRAMP SR-3"]
deny_base contains {"msg": msg, "field": "packages"} if {
	# Absent where nobody looked into the package: at review it is always there.
	some base in object.get(input, ["image", "bases"], [])
	not is_trusted(base)
	msg := sprintf("the image is built on %v, which is not trusted", [base])
}

is_trusted(base) if {
	some one in trusted
	endswith(one, "/")
	startswith(name_of(base), one)
}

is_trusted(base) if name_of(base) in trusted

# Without registry, tag and digest as Docker leaves them out: docker.io/library/python:3 is python.
name_of(base) := trim_prefix(
	trim_prefix(regex.replace(base, `(:[^/]*)?(@.*)?$`, ""), "docker.io/"),
	"library/",
)
