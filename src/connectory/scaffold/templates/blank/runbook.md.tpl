# Runbook: <<name>>

Nothing is stored; while it stands still, callers get an error and can repeat.

## Is it working?

1. `connectory run TEAM/NAME --event FILE` with the file `examples/event.json` answers 200.
2. `greeted_total` grows; `connector_runs_total{outcome="failed"}` does not.

## What to do

| sign | do |
|---|---|
| health is failing | read `connectory logs TEAM/NAME --level warn` |
| callers get 422 | the body has no `name`; the answer says so |

## Going back, and away

Install the version before; settings stay. Removing the instance leaves nothing behind.
