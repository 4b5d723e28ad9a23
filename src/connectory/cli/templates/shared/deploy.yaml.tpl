# Settings per target. They narrow what manifest.yaml declares and never widen it.
targets:
  local:
    resources: {cpu: 0.25, memory: 128M}
