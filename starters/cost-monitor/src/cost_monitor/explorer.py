"""What the account has cost this month, asked of AWS Cost Explorer."""

import ssl
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from connectory_sdk import Health, RefusedError, TryLaterError

REGION = "us-east-1"  # the one place where Cost Explorer answers, whatever the account uses
METRIC = "UnblendedCost"  # what the bill says
PATIENCE = Config(
    connect_timeout=5,
    read_timeout=15,
    retries={"mode": "standard", "total_max_attempts": 4},  # also waits out a throttling
)
MOST_PAGES = 50
LATER_S = 60  # until a person may have repaired what is wrong
NO_DATA_S = 3600  # a new account has its first costs within a day
UNTAGGED = "(none)"
HINTS: Mapping[str, str] = {
    "AccessDeniedException": "allow ce:GetCostAndUsage; see terraform/",
    "ExpiredTokenException": "replace the secrets aws_access_key_id and aws_secret_access_key",
    "InvalidSignatureException": "replace the secret aws_secret_access_key",
    "UnrecognizedClientException": "replace the secret aws_access_key_id",
}
REFUSALS = frozenset({"ValidationException"})


@dataclass(frozen=True, slots=True)
class Costs:
    """The costs of a month so far, exact."""

    currency: str
    days: Mapping[date, Decimal]
    groups: Mapping[str, Decimal]  # by service, or by the values of a tag

    @property
    def spent(self) -> Decimal:
        """All of it."""
        return sum(self.days.values(), Decimal(0))


class Explorer:
    """A client of Cost Explorer, which takes 0.01 USD for each page that it answers.

    Args:
        endpoint_url: Its address.
        keys: `aws_access_key_id` and `aws_secret_access_key`; empty where a role is at hand.
        group_by: `SERVICE`, or `TAG:` and the key of a tag.
        health: Is told what a person has to repair.
    """

    def __init__(
        self, endpoint_url: str, keys: Mapping[str, str], group_by: str, health: Health
    ) -> None:
        kind, _, tag = group_by.partition(":")
        is_tag = kind == "TAG"
        self._grouping = {"Type": kind if is_tag else "DIMENSION", "Key": tag or kind}
        self._health = health
        self._session = boto3.Session(region_name=REGION, **keys)
        self._client = self._session.client(
            "ce",
            endpoint_url=endpoint_url,
            config=PATIENCE,
            verify=ssl.get_default_verify_paths().cafile or True,
        )

    def check(self) -> None:
        """Find out whether there are credentials; asking what they are good for costs money.

        Raises:
            TryLaterError: If there are none.
        """
        if self._session.get_credentials() is None:
            raise TryLaterError(
                "no AWS credentials: store the secrets aws_access_key_id and "
                "aws_secret_access_key, or run where a role is given"
            )

    def month(self, today: date) -> Costs:
        """Return the costs from the first of the month to today, which is not over yet.

        Raises:
            RefusedError: If Cost Explorer will never answer this question.
            TryLaterError: If it cannot answer now; health says what a person has to repair.
        """
        days: defaultdict[date, Decimal] = defaultdict(Decimal)
        groups: defaultdict[str, Decimal] = defaultdict(Decimal)
        currencies = set()
        for row in self._rows(today.replace(day=1), today + timedelta(days=1)):
            day = date.fromisoformat(row["TimePeriod"]["Start"])
            days[day] += 0  # also a day without costs is a day
            for group in row["Groups"]:
                cost = group["Metrics"][METRIC]
                days[day] += Decimal(cost["Amount"])
                groups[self._name(group["Keys"][0])] += Decimal(cost["Amount"])
                currencies.add(cost["Unit"])
        if len(currencies) > 1:
            raise RefusedError(f"the costs are in {', '.join(sorted(currencies))}")
        return Costs(next(iter(currencies), ""), dict(days), dict(groups))

    def _rows(self, start: date, end: date) -> Iterator[dict]:
        asked = {
            "TimePeriod": {"Start": str(start), "End": str(end)},
            "Granularity": "DAILY",
            "Metrics": [METRIC],
            "GroupBy": [self._grouping],
        }
        for _ in range(MOST_PAGES):
            page = self._page(asked)
            yield from page["ResultsByTime"]
            if not page.get("NextPageToken"):
                return
            asked["NextPageToken"] = page["NextPageToken"]
        raise RefusedError(f"more than {MOST_PAGES} pages of costs: group by something coarser")

    def _page(self, asked: Mapping[str, object]) -> dict:
        try:
            page = self._client.get_cost_and_usage(**asked)
        except ClientError as error:
            raise self._trouble(error) from None
        except BotoCoreError as error:
            self._health.fail("aws", f"Cost Explorer does not answer: {error}")
            raise TryLaterError("Cost Explorer does not answer", after_s=LATER_S) from error
        self._health.clear("aws")
        return page

    def _trouble(self, error: ClientError) -> Exception:
        code = error.response["Error"]["Code"]
        if code in REFUSALS:
            return RefusedError(f"Cost Explorer says {error.response['Error']['Message']}")
        if code == "DataUnavailableException":
            return TryLaterError("Cost Explorer has no data yet", after_s=NO_DATA_S)
        if hint := HINTS.get(code):
            self._health.fail("aws", f"Cost Explorer says {code}; {hint}")
        return TryLaterError(f"Cost Explorer says {code}", after_s=LATER_S)

    def _name(self, key: str) -> str:
        """Return the name of a group; tags come as `key$value`, without a value as `key$`."""
        is_tag = self._grouping["Type"] == "TAG"
        return (key.partition("$")[2] if is_tag else key) or UNTAGGED
