"""The one Slack channel that this connector may write to."""

from collections.abc import Callable, Mapping
from http.client import HTTPException

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import (
    ConnectionErrorRetryHandler,
    RateLimitErrorRetryHandler,
    ServerErrorRetryHandler,
)
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState
from slack_sdk.web import SlackResponse

from connectory_sdk import Health, RefusedError, Secret, TryLaterError, log

TIMEOUT_S = 10
LONGEST_WAIT_S = 5  # for one Retry-After; four of them fit into the deadline of a run
LATER_S = 60  # until a person may have repaired what is wrong
HINTS: Mapping[str, str] = {
    "channel_not_found": "check the name of the channel, and invite the app to it",
    "not_in_channel": "invite the app to the channel",
    "is_archived": "choose a channel that is not archived",
    "not_authed": "set the secret slack_bot_token",
    "invalid_auth": "replace the secret slack_bot_token",
    "account_inactive": "install the app again and replace the secret slack_bot_token",
    "token_revoked": "replace the secret slack_bot_token",
    "missing_scope": "give the app the scope chat:write",
}
REFUSALS = frozenset({"msg_too_long", "no_text"})


class Channel:
    """Posts messages; waits and repeats where Slack asks for it.

    A message can be posted twice when Slack fails after taking it: Slack has no key that would
    tell it. Losing one would be worse.
    """

    def __init__(self, name: str, api_url: str, token: Secret, health: Health) -> None:
        self.name = name
        self._health = health
        self._client = WebClient(
            token=token.reveal(),
            base_url=api_url.rstrip("/") + "/",
            timeout=TIMEOUT_S,
            retry_handlers=[
                ConnectionErrorRetryHandler(max_retry_count=2),
                ServerErrorRetryHandler(max_retry_count=2),
                _PatientHandler(max_retry_count=4),
            ],
        )

    def check(self) -> None:
        """Ask Slack whether it knows the token.

        Raises:
            TryLaterError: If it does not, or does not answer.
        """
        self._call(self._client.auth_test)

    def post(self, text: str) -> None:
        """Post a message as plain text: nothing in it mentions, links or notifies.

        Raises:
            RefusedError: If Slack will never take this text.
            TryLaterError: If it cannot be posted now; health says so until a post succeeds.
        """
        self._call(lambda: self._client.chat_postMessage(channel=self.name, text=escaped(text)))
        log.info("posted", channel=self.name)

    def _call(self, method: Callable[[], object]) -> None:
        try:
            method()
        except SlackApiError as error:
            raise self._trouble(error.response) from None
        except (OSError, HTTPException) as error:
            self._health.fail("slack", f"Slack does not answer: {error}")
            raise TryLaterError("Slack does not answer") from error
        self._health.clear("slack")

    def _trouble(self, answer: SlackResponse) -> Exception:
        code = str(answer.get("error"))
        if code in REFUSALS:
            return RefusedError(f"Slack says {code}")
        wait = _retry_after(answer.headers)
        if wait.isdecimal():
            return TryLaterError("Slack limits the rate", after_s=int(wait))
        hint = HINTS.get(code, "see https://docs.slack.dev/reference/methods/chat.postMessage")
        self._health.fail("slack", f"Slack says {code} for {self.name}; {hint}")
        return TryLaterError(f"Slack says {code}", after_s=LATER_S)


class _PatientHandler(RateLimitErrorRetryHandler):
    """Waits as Slack asks, but never longer than a caller would wait for us."""

    def _can_retry(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        limited = super()._can_retry(
            state=state, request=request, response=response, error=error
        )
        wait = "" if response is None else _retry_after(response.headers)
        return limited and (not wait.isdecimal() or int(wait) <= LONGEST_WAIT_S)


def escaped(text: str) -> str:
    """Return text that Slack shows as it is; `<!channel>` notifies nobody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _retry_after(headers: Mapping[str, str | list[str]]) -> str:
    """Return the header whatever its case; the client gives some headers as lists."""
    values = [value for name, value in headers.items() if name.lower() == "retry-after"]
    first = values[0] if values else ""
    return first if isinstance(first, str) else first[0]
