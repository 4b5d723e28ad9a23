# yaml-language-server: $schema=https://connectory.dev/schemas/manifest/v1.json
schema_version: "1"
id: <<id>>
name: <<name>>
version: <<version>>
description: Greets whoever it is told about
owner: <<owner>>
license: LicenseRef-Internal
<<namespace>>tags: ["risk:low"]
runtime:
  type: serverless
  provider: local
  entrypoint: <<module>>
  timeout: 30s
  resources: {cpu: 0.25, memory: 128M, region: us-east-1, min_instances: 0, max_instances: 1}
triggers:
  - {type: webhook, path: /greet}
  - {type: manual}
inputs:
  - name: greeting
    title: Greeting
    description: What stands before the name
    default: Hello
    schema: {type: string, minLength: 1, maxLength: 40}
permissions:
  allowed_hosts: []
data: {classification: internal, personal_data: false}
policies:
  - data_retention: 30d
  - allowed_regions: ["us-east-1"]
vetting_status: review
packages: [{type: bundle}]
observability:
  health: /healthz
  metrics: [connector_runs_total, connector_run_seconds, greeted_total]
  logs: json
changes: [{kind: added, description: first version}]
examples:
  - title: Say welcome
    inputs: {greeting: Welcome}
    expect: the answer says Welcome and the name
support:
  runbook: runbook.md
  owner_oncall: <<owner>>
