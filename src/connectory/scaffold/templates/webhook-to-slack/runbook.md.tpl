# Runbook: <<name>>

Nothing is stored; while it stands still, callers get an error and can repeat.

## Is it working?

1. `connectory run TEAM/NAME --event FILE` with the file `examples/message.json` answers 200, and
   the message is in the channel.
2. The health of the instance names what is wrong with Slack.
3. `posted_total` grows; `connector_runs_total{outcome="failed"}` does not.

## What to do when health says

| reason | do |
|---|---|
| `channel_not_found`, `not_in_channel` | check the spelling of `slack_channel`; in Slack, `/invite` the app |
| `invalid_auth`, `token_revoked` | install the Slack app again, store its new bot token as `slack_bot_token` |
| `missing_scope` | add `chat:write` to the Slack app, install it again |
| `Slack does not answer` | see https://status.slack.com; callers repeat |

Health stays bad until a message was posted: run it by hand after a repair.

## Going back, and away

Install the version before; settings stay. Removing the instance leaves nothing behind.
