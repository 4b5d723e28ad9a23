package connectory.image_test

import rego.v1

import data.connectory.image

on(base) := {"image": {"bases": [base]}}

test_trusted_images_are_allowed if {
	every one in ["python:3.11-slim", "docker.io/library/debian@sha256:00", "gcr.io/distroless/base:1", "scratch"] {
		count(image.deny_base) == 0 with input as on(one)
	}
}

test_other_images_are_denied if {
	every one in ["mallory/python:3.11", "example.org:5000/python", "gcr.io/distroless-evil/base", "pythonn"] {
		count(image.deny_base) == 1 with input as on(one)
	}
}

test_no_image_is_allowed if count(image.deny_base) == 0 with input as {}
