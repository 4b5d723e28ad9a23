# Runbook: <<name>>

Nothing is stored; while it stands still, nobody looks at the page.

## Is it working?

1. `connectory run TEAM/NAME` answers 200 and says whether the page answers.
2. `connectory schedules TEAM/NAME` says when it looks next; `looks_total` grows by one each time.

## What to do when health says

| reason | do |
|---|---|
| the page answers 4xx or 5xx | tell those who run the page |
| the page does not answer | check `page_url`; then tell those who run the page |

Health is good again after the next look that finds the page.

## Going back, and away

Install the version before; settings stay. Removing the instance leaves nothing behind.
