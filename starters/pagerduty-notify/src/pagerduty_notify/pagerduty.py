"""The one PagerDuty integration that this connector may send events to."""

import json
import time
import urllib.error
import urllib.request
from http import HTTPStatus
from http.client import HTTPException

from connectory_sdk import Health, RefusedError, Secret, TryLaterError, log
from pagerduty_notify.alerts import Alert

TIMEOUT_S = 10
PAUSES_S = (1, 2, 4)  # between the tries of one event
LONGEST_WAIT_S = 5  # for one Retry-After; a longer one is passed on to the sender
LATER_S = 60  # PagerDuty asks for minutes rather than seconds
LARGEST_ANSWER = 100_000  # bytes
LIMITED = frozenset({HTTPStatus.TOO_MANY_REQUESTS})


class PagerDuty:
    """Sends events; waits and repeats where PagerDuty asks for it.

    Repeating is harmless: PagerDuty adds an event to the open alert with the same dedup key.
    """

    def __init__(self, api_url: str, key: Secret, client: str, health: Health) -> None:
        self._api_url = api_url
        self._key = key
        self._client = client
        self._health = health
        self._opener = urllib.request.build_opener(_NoRedirects)

    def check(self) -> None:
        """Ask PagerDuty whether it knows the key: it drops the end of what never began.

        Raises:
            TryLaterError: If it does not, or does not answer.
        """
        self.send(
            Alert("resolve", f"check of {self._client}", {}), time.monotonic() + TIMEOUT_S
        )

    def send(self, alert: Alert, deadline: float) -> None:
        """Send one event.

        Args:
            alert: What happened.
            deadline: The `time.monotonic()` after which nobody waits for it.

        Raises:
            RefusedError: If PagerDuty will never take this event.
            TryLaterError: If it cannot be sent now; health says so when somebody has to act.
        """
        event = json.dumps({"routing_key": self._key.reveal(), **alert.event(self._client)})
        for pause in (*PAUSES_S, None):
            status, wait_s, errors = self._once(event.encode())
            if status not in LIMITED and status < HTTPStatus.INTERNAL_SERVER_ERROR:
                break
            wait_s = wait_s if wait_s is not None else pause or LATER_S
            is_late = time.monotonic() + wait_s + TIMEOUT_S > deadline
            if pause is None or wait_s > LONGEST_WAIT_S or is_late:
                raise TryLaterError(f"PagerDuty answered {status}", after_s=max(wait_s, 1))
            log.warn("PagerDuty is busy", status=status, retry_in_s=wait_s)
            time.sleep(wait_s)
        if status != HTTPStatus.ACCEPTED:
            raise self._trouble(status, errors)
        self._health.clear("pagerduty")
        log.info("sent", action=alert.action, dedup_key=alert.dedup_key)

    def _once(self, event: bytes) -> tuple[int, int | None, str]:
        """Send it; return status, seconds to wait if PagerDuty says them, and what is wrong."""
        request = urllib.request.Request(  # noqa: S310  the address is the team's own setting
            self._api_url, event, {"Content-Type": "application/json"}, method="POST"
        )
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as answer:
                return answer.status, None, ""
        except urllib.error.HTTPError as error:
            with error:
                wait = error.headers.get("Retry-After", "")
                wait_s = int(wait) if wait.isdecimal() else None
                return error.code, wait_s, _errors(error.read(LARGEST_ANSWER))
        except (OSError, HTTPException) as error:
            self._health.fail("pagerduty", f"PagerDuty does not answer: {error}")
            raise TryLaterError("PagerDuty does not answer") from error

    def _trouble(self, status: int, errors: str) -> Exception:
        said = f"PagerDuty answered {status}" + (f": {errors}" if errors else "")
        is_about_key = "routing" in errors.lower()
        if status == HTTPStatus.BAD_REQUEST and errors and not is_about_key:
            return RefusedError(said)
        hint = "replace the secret pagerduty_routing_key"
        self._health.fail(
            "pagerduty", f"{said}; {hint if is_about_key else 'check pagerduty_api_url'}"
        )
        return TryLaterError(said, after_s=LATER_S)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: the key would go along to wherever it points."""

    def redirect_request(self, *_request: object) -> None:
        """Say that there is nowhere to go."""


def _errors(raw: bytes) -> str:
    """Return what PagerDuty says is wrong; empty when it is not PagerDuty that answered."""
    try:
        content = json.loads(raw)
    except ValueError:
        return ""
    if not isinstance(content, dict):
        return ""
    errors = content.get("errors")
    named = [str(one) for one in errors] if isinstance(errors, list) else []
    return "; ".join(named) or str(content.get("message") or "")
