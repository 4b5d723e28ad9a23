"""The one method of Slack that this connector calls, by the standard library alone."""

import json
import urllib.error
import urllib.request

from connectory_sdk import Health, RefusedError, Secret, TryLaterError

TIMEOUT_S = 10
LATER_S = 60  # until a person may have repaired what is wrong
REFUSALS = frozenset({"msg_too_long", "no_text"})


class Slack:
    """Posts messages; health says what is wrong until one was posted."""

    def __init__(self, api_url: str, token: Secret, health: Health) -> None:
        self._url = f"{api_url.rstrip('/')}/chat.postMessage"
        self._token = token
        self._health = health

    def post(self, channel: str, text: str) -> None:
        """Post a text as it is: nothing in it mentions, links or notifies.

        Raises:
            RefusedError: If Slack will never take this text.
            TryLaterError: If it cannot be posted now.
        """
        answer = self._call({"channel": channel, "text": escaped(text)})
        if answer.get("ok"):
            self._health.clear("slack")
            return
        code = str(answer.get("error"))
        if code in REFUSALS:
            raise RefusedError(f"Slack says {code}")
        self._health.fail("slack", f"Slack says {code} for {channel}")
        raise TryLaterError(f"Slack says {code}", after_s=LATER_S)

    def _call(self, body: dict[str, str]) -> dict[str, object]:
        request = urllib.request.Request(
            self._url,
            json.dumps(body).encode(),
            {
                "Authorization": f"Bearer {self._token.reveal()}",
                "Content-Type": "application/json; charset=utf-8",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            wait = error.headers.get("Retry-After", "")
            raise TryLaterError(
                f"Slack answers {error.code}", after_s=int(wait) if wait.isdecimal() else LATER_S
            ) from None
        except (OSError, ValueError) as error:
            self._health.fail("slack", f"Slack does not answer: {error}")
            raise TryLaterError("Slack does not answer") from error


def escaped(text: str) -> str:
    """Return text that Slack shows as it is; `<!channel>` notifies nobody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
