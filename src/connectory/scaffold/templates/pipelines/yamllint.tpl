extends: default
rules:
  braces: {max-spaces-inside: 1}
  commas: {min-spaces-after: 0}
  comments: {min-spaces-from-content: 1}
  comments-indentation: disable
  document-start: disable
  indentation: {spaces: consistent, indent-sequences: whatever}
  line-length: {max: 120, level: warning}
  truthy: {check-keys: false}  # `on:` is a key of GitHub
