"""Driven by AWS' own client, which knows what the real one answers."""

from datetime import timedelta

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from connectory.kernel import clock
from connectory.standins import SECRETS, StandIns

KEYS = {name: SECRETS[name] for name in ("aws_access_key_id", "aws_secret_access_key")}
ONCE = Config(retries={"total_max_attempts": 1})
BY_SERVICE = [{"Type": "DIMENSION", "Key": "SERVICE"}]
COSTS = [
    {"day": "2026-11-01", "service": "S3", "amount": "0.10", "tags": {"team": "a"}},
    {"day": "2026-11-01", "service": "EC2", "amount": "2.50", "tags": {"team": "a"}},
    {"day": "2026-11-02", "service": "S3", "amount": "0.20"},
]


@pytest.fixture
def client(standins: StandIns):
    def client(**changed: str):
        url = standins.inputs["aws_endpoint_url"]
        keys = {**KEYS, **changed}
        return boto3.client("ce", "us-east-1", endpoint_url=url, config=ONCE, **keys)

    return client


@pytest.fixture
def seeded(standins: StandIns, ask) -> None:
    ask("POST", standins.urls["billing"] + "/_costs", {"unit": "EUR", "costs": COSTS})


def question(start: str = "2026-11-01", end: str = "2026-11-03", **changed: object) -> dict:
    usual = {"Granularity": "DAILY", "Metrics": ["UnblendedCost"]}
    return {"TimePeriod": {"Start": start, "End": end}, **usual, **changed}


def groups(row: dict) -> dict[str, str]:
    return {
        group["Keys"][0]: group["Metrics"]["UnblendedCost"]["Amount"] for group in row["Groups"]
    }


@pytest.mark.usefixtures("seeded")
def test_costs_are_told_by_day_and_service(client) -> None:
    answer = client().get_cost_and_usage(**question(GroupBy=BY_SERVICE))

    first, second = answer["ResultsByTime"]
    assert first["TimePeriod"] == {"Start": "2026-11-01", "End": "2026-11-02"}
    assert groups(first) == {"EC2": "2.50", "S3": "0.10"}
    assert groups(second) == {"S3": "0.20"}
    assert first["Groups"][0]["Metrics"]["UnblendedCost"]["Unit"] == "EUR"


@pytest.mark.usefixtures("seeded")
def test_a_tag_is_named_with_its_value_also_when_it_has_none(client) -> None:
    by_team = [{"Type": "TAG", "Key": "team"}]

    first, second = client().get_cost_and_usage(**question(GroupBy=by_team))["ResultsByTime"]

    assert groups(first) == {"team$a": "2.60"}
    assert groups(second) == {"team$": "0.20"}


@pytest.mark.usefixtures("seeded")
def test_without_groups_there_is_a_total(client) -> None:
    first, _ = client().get_cost_and_usage(**question())["ResultsByTime"]

    assert first["Total"]["UnblendedCost"]["Amount"] == "2.60"
    assert first["Groups"] == []


def test_ten_days_are_a_page(client) -> None:
    asked, days = question(end="2026-11-26"), []
    page: dict = {"NextPageToken": None}
    while "NextPageToken" in page:
        token = page["NextPageToken"]
        page = client().get_cost_and_usage(
            **asked, **({"NextPageToken": token} if token else {})
        )
        days.append([row["TimePeriod"]["Start"] for row in page["ResultsByTime"]])

    assert [len(page) for page in days] == [10, 10, 5]
    assert days[2][-1] == "2026-11-25"


def test_a_token_is_good_for_its_question_only(client) -> None:
    token = client().get_cost_and_usage(**question(end="2026-11-26"))["NextPageToken"]

    for wrong in (question(NextPageToken=token), question(NextPageToken="x")):
        with pytest.raises(ClientError, match="InvalidNextTokenException"):
            client().get_cost_and_usage(**wrong)


def test_an_account_of_which_nothing_was_said_spends_every_day(client) -> None:
    today = clock.now().date()
    asked = question(str(today - timedelta(days=1)), str(today + timedelta(days=2)))

    totals = [
        row["Total"]["UnblendedCost"]["Amount"]
        for row in client().get_cost_and_usage(**asked)["ResultsByTime"]
    ]

    assert totals == ["32.50", "32.50", "0"]


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"aws_access_key_id": "AKIAWRONG"}, "UnrecognizedClientException"),
        ({"aws_secret_access_key": "wrong"}, "InvalidSignatureException"),
    ],
)
def test_a_request_must_be_signed_with_the_key(client, changed, error: str) -> None:
    with pytest.raises(ClientError, match=error):
        client(**changed).get_cost_and_usage(**question())


def test_a_request_without_a_signature_is_refused(standins: StandIns, ask) -> None:
    status, _, content = ask("POST", standins.urls["billing"], question())

    assert (status, content["__type"]) == (400, "MissingAuthenticationTokenException")


@pytest.mark.parametrize(
    "wrong",
    [
        question(end="2026-11-01"),
        question(start="yesterday"),
        question(Granularity="MONTHLY"),
        question(Metrics=["Nonsense"]),
        question(GroupBy=[{"Type": "DIMENSION", "Key": "AZ"}]),
        question(GroupBy=BY_SERVICE * 3),
    ],
    ids=["no day", "no date", "granularity", "metric", "dimension", "three groups"],
)
def test_a_question_that_makes_no_sense_is_refused(client, wrong: dict) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        client().get_cost_and_usage(**wrong)


def test_another_operation_is_unknown(client) -> None:
    with pytest.raises(ClientError, match="UnknownOperationException"):
        client().get_tags(TimePeriod={"Start": "2026-11-01", "End": "2026-11-02"})


@pytest.mark.parametrize(
    ("fail", "error"),
    [
        ({"status": 400}, "ThrottlingException"),
        ({"status": 400, "error": "DataUnavailableException"}, "DataUnavailableException"),
        ({"status": 500}, "InternalFailure"),
    ],
)
def test_it_fails_as_aws_words_it(client, standins: StandIns, ask, fail, error: str) -> None:
    ask("POST", standins.urls["billing"] + "/_fail", fail)

    with pytest.raises(ClientError, match=error):
        client().get_cost_and_usage(**question())
    client().get_cost_and_usage(**question())

    assert len(ask("GET", standins.urls["billing"] + "/_received")[2]) == 1


@pytest.mark.parametrize(
    "costs", [[{"day": "x"}], [{"day": "2026-11-01", "amount": "much"}], [{"tags": [1]}]]
)
def test_costs_that_make_no_sense_are_refused(standins: StandIns, ask, costs) -> None:
    assert ask("POST", standins.urls["billing"] + "/_costs", {"costs": costs})[0] == 422
