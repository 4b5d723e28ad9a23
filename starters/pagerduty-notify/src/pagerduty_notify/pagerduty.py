"""The one PagerDuty integration that this connector may send events to."""

from collections.abc import Mapping
from http import HTTPStatus

from connectory_sdk import Health, JsonApi, RefusedError, Secret, TryLaterError, log
from pagerduty_notify.alerts import Alert

LATER_S = 60  # until a person may have replaced the key


class PagerDuty:
    """Sends events; waits and repeats where PagerDuty asks for it.

    Repeating is harmless: PagerDuty adds an event to the open alert with the same dedup key.
    """

    def __init__(self, api_url: str, key: Secret, client: str, health: Health) -> None:
        self._api = JsonApi("PagerDuty", api_url, None, health, "pagerduty")
        self._key = key
        self._client = client
        self._health = health

    def check(self) -> None:
        """Ask PagerDuty whether it knows the key: it drops the end of what never began.

        Raises:
            TryLaterError: If it does not, or does not answer.
        """
        self.send(Alert("resolve", f"check of {self._client}", {}))

    def send(self, alert: Alert) -> None:
        """Send one event.

        Raises:
            RefusedError: If PagerDuty will never take this event.
            TryLaterError: If it cannot be sent now; health says so when somebody has to act.
        """
        event = {"routing_key": self._key.reveal(), **alert.event(self._client)}
        status, said = self._api.ask("POST", "", event, also=HTTPStatus.BAD_REQUEST)
        if status == HTTPStatus.BAD_REQUEST:
            raise self._refusal(said)
        log.info("sent", action=alert.action, dedup_key=alert.dedup_key)

    def _refusal(self, said: Mapping[str, object]) -> Exception:
        errors = said.get("errors")
        named = [str(one) for one in errors] if isinstance(errors, list) else []
        reason = f"PagerDuty says {'; '.join(named) or said.get('message')}"
        if "routing" not in reason.lower():
            return RefusedError(reason)
        self._health.fail("pagerduty", f"{reason}; replace the secret pagerduty_routing_key")
        return TryLaterError(reason, after_s=LATER_S)
