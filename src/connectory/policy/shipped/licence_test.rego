package connectory.licence_test

import rego.v1

import data.connectory.licence

test_denies if count(licence.warn_licence) == 1 with input as {"connector": {}}

test_allows if count(licence.warn_licence) == 0 with input as {"connector": {"license": "MIT"}}
