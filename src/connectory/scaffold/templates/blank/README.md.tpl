# <<name>>

Greets whoever it is told about. Replace this by what your connector does, for those who choose it.

## Calling it

`connectory hooks TEAM/NAME` shows the address of an instance, which holds a key. Treat the address
like a password.

```
curl -X POST "$ADDRESS&wait=10" -H "Content-Type: application/json" -d '{"name": "Grace"}'
```

It answers `{"said": "Hello, Grace!"}`. Without a name it answers 422. A manual run does the same. Without
`wait` the answer is 202 as soon as the event is stored.

## Settings

| setting | default | meaning |
|---|---|---|
| `greeting` | `Hello` | what stands before the name |

## Changing it

The code is in `src/<<module>>/`. `python -m pytest` runs the tests,
`connectory run . --example event` runs the connector on this machine, once.
