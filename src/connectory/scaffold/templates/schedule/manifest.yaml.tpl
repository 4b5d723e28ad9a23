# yaml-language-server: $schema=https://connectory.dev/schemas/manifest/v1.json
schema_version: "1"
id: <<id>>
name: <<name>>
version: <<version>>
description: Looks at a page at regular intervals and says whether it answers
owner: <<owner>>
license: LicenseRef-Internal
<<namespace>>tags: [monitoring, "risk:low"]
runtime:
  type: serverless
  provider: local
  entrypoint: <<module>>
  timeout: 30s
  resources: {cpu: 0.25, memory: 128M, region: us-east-1, max_instances: 1}
triggers:
  - {type: schedule, cron: "*/5 * * * *", timezone: UTC, jitter: 30s, misfire: skip}
  - {type: manual}
inputs:
  - name: page_url
    title: Page
    description: The page to look at; its host is one of allowed_hosts
    default: https://www.example.com/
    schema: {type: string, pattern: "^https?://[^ ]+$", maxLength: 300}
permissions:
  allowed_hosts: [www.example.com]
data: {classification: internal, personal_data: false}
policies:
  - data_retention: 30d
  - allowed_regions: ["us-east-1"]
vetting_status: review
packages: [{type: bundle}]
observability:
  health: /healthz
  metrics: [connector_runs_total, connector_run_seconds, looks_total]
  logs: json
changes: [{kind: added, description: first version}]
examples:
  - title: Look at the home page
    inputs: {page_url: https://www.example.com/}
    expect: health fails within five minutes after the page fails
support:
  runbook: runbook.md
  owner_oncall: <<owner>>
