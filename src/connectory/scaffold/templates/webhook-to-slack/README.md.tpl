# <<name>>

Posts what it is told by webhook to a Slack channel of your team.

## What you need

- A Slack app with the scope `chat:write`, its bot token stored as the secret `slack_bot_token`.
- The app invited to the channel: `/invite @your-app`.

## Calling it

`connectory hooks TEAM/NAME` shows the address of an instance, which holds a key. Treat the address
like a password.

```
curl -X POST "$ADDRESS&wait=10" -H "Content-Type: application/json" -d '{"text": "The export is done"}'
```

| answer | meaning |
|---|---|
| 200 | the message is in the channel |
| 202 | the message is stored and will be delivered; without `wait` this is the answer at once |
| 422 | there is no `text`, or Slack will never take it |

A manual run does the same. When Slack fails in the middle, a message may be posted twice; it is not
lost.

## Settings

| setting | default | meaning |
|---|---|---|
| `slack_channel` | (required) | channel, with its `#` |
| `slack_api_url` | `https://slack.com/api/` | only for a gateway of your own |

## Changing it

The code is in `src/<<module>>/`. `python -m pytest` runs the tests,
`connectory run . --example message --set slack_channel=#alerts --standins` runs the connector on
this machine, once, against a server that plays Slack.
