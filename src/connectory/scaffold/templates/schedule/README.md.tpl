# <<name>>

Looks at a page at regular intervals and says in its health whether the page answers. The marketplace
keeps the time: the schedule is in `manifest.yaml`, every five minutes.

A manual run looks at once and answers `{"page": "...", "answers": true, "detail": "200"}`.

## Settings

| setting | default | meaning |
|---|---|---|
| `page_url` | `https://www.example.com/` | the page to look at |

For a page of another host, name that host in `allowed_hosts` of `manifest.yaml`.

## Changing it

The code is in `src/<<module>>/`. `python -m pytest` runs the tests,
`connectory run . --trigger schedule` runs the connector on this machine, once, as its schedule would.
