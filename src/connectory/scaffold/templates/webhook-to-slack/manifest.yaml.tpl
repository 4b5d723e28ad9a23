# yaml-language-server: $schema=https://connectory.dev/schemas/manifest/v1.json
schema_version: "1"
id: <<id>>
name: <<name>>
version: <<version>>
kind: alert
description: Posts what it is told by webhook to a Slack channel
owner: <<owner>>
license: LicenseRef-Internal
<<namespace>>tags: [slack, alert, "risk:low"]
runtime:
  type: serverless
  provider: local
  entrypoint: <<module>>
  timeout: 30s
  resources: {cpu: 0.25, memory: 128M, region: us-east-1, min_instances: 0, max_instances: 1}
triggers:
  - {type: webhook, path: /message}
  - {type: manual}
inputs:
  - name: slack_channel
    title: Slack channel
    description: The channel that gets the messages; invite the app to it
    required: true
    schema: {type: string, pattern: "^#[a-z0-9_-]+$", maxLength: 81}
    example: "#alerts"
  - name: slack_api_url
    title: Slack API address
    description: Leave it as it is, unless calls go through a gateway of your own
    default: https://slack.com/api/
    schema: {type: string, pattern: "^https?://[^ ]+$", maxLength: 300}
secrets:
  - name: slack_bot_token
    description: Bot token of a Slack app that may post messages
    provision:
      method: store
      path: "teams/{team}/slack_bot_token"
      instructions: Create a Slack app with the scope chat:write, install it, copy its bot token
    rotation: 90d
    scopes: ["chat:write"]
permissions:
  oauth: [{provider: slack, scopes: ["chat:write"], reason: post the message}]
  allowed_hosts: [slack.com]
data: {classification: internal, personal_data: false, writes_to: [slack]}
policies:
  - data_retention: 30d
  - allowed_regions: ["us-east-1"]
vetting_status: review
packages: [{type: bundle}]
observability:
  health: /healthz
  metrics: [connector_runs_total, connector_run_seconds, posted_total]
  logs: json
changes: [{kind: added, description: first version}]
examples:
  - title: Tell the on-call team
    inputs: {slack_channel: "#alerts"}
    expect: the message is in the channel within seconds
support:
  runbook: runbook.md
  owner_oncall: <<owner>>
