package connectory.flow_test

import rego.v1

import data.connectory.flow

test_denies if count(flow.deny_retention) == 1 with input as {"connector": {}}

test_allows if count(flow.deny_retention) == 0 with input as {"connector": {"policies": {"data_retention": "30d"}}}
