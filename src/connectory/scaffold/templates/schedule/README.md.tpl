# <<name>>

Looks at a page at regular intervals and says in its health whether the page answers. The connector
keeps the time itself, as long as it runs; so one instance runs all the time.

A manual run looks at once and answers `{"page": "...", "answers": true, "detail": "200"}`.

## Settings

| setting | default | meaning |
|---|---|---|
| `page_url` | `https://www.example.com/` | the page to look at |
| `every_minutes` | `5` | minutes between two looks, 1 to 1440 |

For a page of another host, name that host in `allowed_hosts` of `manifest.yaml`.

## Changing it

The code is in `src/<<module>>/`. `python -m pytest` runs the tests,
`connectory run . --example now` runs the connector on this machine, once.
