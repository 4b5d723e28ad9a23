"""The connector as an AWS Lambda function, whose handler is `handler`."""

from connectory_sdk.awslambda import LambdaFunction
from pagerduty_notify.__main__ import app

handler = LambdaFunction(app)
