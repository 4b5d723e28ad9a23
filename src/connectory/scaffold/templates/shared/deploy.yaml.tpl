# Settings per target. They narrow what manifest.yaml declares and never widen it:
#   local: {resources: {memory: 64M}}
targets:
  local: {}
