"""Texts with and without credentials, labelled by hand.

The forms are written from the issuers' documentation, as alphabets and lengths, and filled by a
seeded generator: no real credential is here, and nothing that a scanner of this repository
would take for one. What does not look like a credential is taken from configuration, code and
prose as people write them.
"""

import random
import re
import string
from collections.abc import Iterator

SEED = 20261124
ALPHABETS = {
    "hex": "0123456789abcdef",
    "HEX": "0123456789ABCDEF",
    "base32": "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
    "alnum": string.ascii_letters + string.digits,
    "UPPER": string.ascii_uppercase + string.digits,
    "lower": string.ascii_lowercase + string.digits,
    "digits": string.digits,
    "letters": string.ascii_letters,
    "url64": string.ascii_letters + string.digits + "-_",
    "b64": string.ascii_letters + string.digits + "+/",
    "bech": "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
    "pass": string.ascii_letters + string.digits + "#*+_-.",
}
FORMS = {
    "aws": "AKIA[base32:16]",
    "aws-session": "ASIA[base32:16]",
    "github-classic": "ghp_[alnum:36]",
    "github-app": "ghs_[alnum:36]",
    "github-oauth": "gho_[alnum:36]",
    "github-fine": "github_pat_[alnum:22]_[alnum:59]",
    "gitlab": "glpat-[url64:20]",
    "gitlab-runner": "glrt-[url64:20]",
    "slack-bot": "xoxb-[digits:12]-[digits:13]-[alnum:24]",
    "slack-user": "xoxp-[digits:12]-[digits:12]-[digits:13]-[hex:32]",
    "slack-app": "xapp-1-[UPPER:11]-[digits:13]-[hex:64]",
    "slack-hook": "https://hooks.slack.com/services/T[UPPER:10]/B[UPPER:10]/[alnum:24]",
    "teams-hook": "https://acme.webhook.office.com/webhookb2/[hex:8]-[hex:4]-[hex:4]-[hex:12]@[hex:36]",
    "discord-hook": "https://discord.com/api/webhooks/[digits:18]/[url64:68]",
    "stripe": "sk_live_[alnum:24]",
    "stripe-restricted": "rk_live_[alnum:24]",
    "stripe-signing": "whsec_[alnum:32]",
    "google": "AIza[url64:35]",
    "google-client": "GOCSPX-[url64:28]",
    "npm": "npm_[alnum:36]",
    "pypi": "pypi-AgEIcHlwaS5vcmc[url64:120]",
    "sendgrid": "SG.[url64:22].[url64:43]",
    "mailgun": "key-[hex:32]",
    "mailchimp": "[hex:32]-us14",
    "twilio": "SK[hex:32]",
    "databricks": "dapi[hex:32]",
    "digitalocean": "dop_v1_[hex:64]",
    "vault": "hvs.[url64:90]",
    "terraform": "[alnum:14].atlasv1.[alnum:67]",
    "anthropic": "sk-ant-api03-[url64:93]",
    "openai": "sk-proj-[url64:60]",
    "openai-old": "sk-[alnum:20]T3BlbkFJ[alnum:20]",
    "hugging-face": "hf_[letters:34]",
    "shopify": "shpat_[hex:32]",
    "square": "sq0atp-[url64:22]",
    "telegram": "[digits:10]:AA[url64:33]",
    "newrelic": "NRAK-[UPPER:27]",
    "grafana": "glsa_[alnum:32]_[hex:8]",
    "linear": "lin_api_[alnum:40]",
    "notion": "ntn_[alnum:46]",
    "hubspot": "pat-na1-[hex:8]-[hex:4]-[hex:4]-[hex:4]-[hex:12]",
    "docker": "dckr_pat_[url64:27]",
    "azure-storage": "DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=[b64:86]==",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJ[alnum:40].[url64:43]",
    "age": "AGE-SECRET-KEY-1[bech:58]",
    "connectory": "cty_[alnum:38]",
}
BLOCKS = {
    "pem": "-----BEGIN {}PRIVATE KEY-----\n[b64:64]\n-----END {}PRIVATE KEY-----",
}
KINDS_OF_KEY = ("", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED ")
AROUND = (
    "{}",
    'TOKEN = "{}"',
    "  value: {}",
    "ENV WHATEVER={}",
    "curl -H 'Authorization: Bearer {}' https://api.internal/",
)
"""Places in which the forms appear; the first and two more are used for each."""
NAMED = (
    'password = "[pass:14]"',
    "db_password: [pass:16]",
    "DB_PASSWORD=[pass:20]",
    '"client_secret": "[alnum:40]"',
    "client-secret: [url64:32]",
    'api_key="[alnum:32]"',
    "API_KEY=[hex:40]",
    "apiKey: '[alnum:24]'",
    "aws_secret_access_key = [b64:40]",
    "SECRET_KEY = '[pass:50]'",
    'private_key: "[b64:64]"',
    "passphrase: '[pass:18]'",
    "ENV AUTH_TOKEN [alnum:1]=x\nENV AUTH_TOKEN=[alnum:30]",
    'access_key := "[UPPER:20]"',
    'signing_key => "[hex:64]"',
    "pwd=[pass:12]",
    "credentials: '[alnum:28]'",
    'encryption_key = "[b64:44]"',
    "x-api-key: [lower:32]",
    "DD_API_KEY=[hex:32]",
    "PAGERDUTY_TOKEN=[alnum:20]",
    "refresh_token: [url64:64]",
)
ADDRESSES = (
    "postgresql://app:[pass:14]@db.internal:5432/leads",
    "DATABASE_URL=mysql://root:[alnum:12]@10.0.0.4/crm",
    "redis://:[alnum:24]@cache:6379/0",
    "amqps://svc:[pass:20]@mq.internal/vhost",
    'url = "https://deploy:[alnum:20]@git.internal/repo.git"',
    "mongodb+srv://reader:[alnum:16]@cluster0.internal/test",
    "ftp://upload:[pass:12]@files.internal/",
)
WITHOUT = (
    'password = os.environ["DB_PASSWORD"]',
    "password: ${DB_PASSWORD}",
    "password: $DB_PASSWORD",
    "password: '{{ vault_password }}'",
    "api_key: <your api key>",
    "api_key: YOUR_API_KEY",
    "api_key=changeme",
    'api_key = "xxxxxxxxxxxxxxxxxxxxxxxx"',
    'token = "example-token-for-docs-123"',
    'secret = "not-a-real-secret-42"',
    "SECRET_KEY = 'insecure-dummy-key-123'",
    "client_secret: vault:kv/bizops/crm#client_secret",
    "secret: teams/payments/crm_api_key",
    "secret: arn:aws:secretsmanager:us-east-1:123456789012:secret:crm-AbCdEf",
    "password_file: /run/secrets/db_password",
    "secretKeyRef: {name: crm, key: api-key}",
    "token_url: https://login.example.com/oauth2/token",
    "token_ttl: 3600s",
    "tokens_per_minute: 120000",
    "password_min_length: 12",
    "secret_name: crm-api-key-v2",
    "secrets: [crm_api_key, slack_bot_token]",
    "  - name: slack_bot_token",
    "api_key_header: X-Api-Key-2024",
    "rotation: 90d",
    "key: value",
    "primary_key: customer_id",
    "sort_key = 'created_at_2024'",
    "keyboard: de-DE-1996",
    "monkey = 'Rhesus-Macaque-7'",
    "passwordless: true",
    "tokenizer: cl100k_base_v2",
    'password = getpass.getpass("Password: ")',
    "token = secret('slack_bot_token').reveal()",
    "self._token = token_of(account_2)",
    "password = config.get('db', 'password')",
    "headers = {'Authorization': f'Bearer {token}'}",
    "if token == self.tokens[3]:",
    "secret=%(secret)s",
    "password: ********",
    "password: …",
    "PASSWORD=",
    'password = ""',
    "password: null",
    "password: true",
    "Authorization: Bearer $TOKEN",
    "Authorization: Bearer <token>",
    "The token is sent in the header Authorization, as RFC 6750 says.",
    "Rotate the password every 90 days, and the API key after each incident.",
    "secret: the one that security stored on 2026-11-24",
    "postgresql://user:password@host:5432/name",
    "postgresql://user:pass@localhost/db",
    "postgresql://app:${DB_PASSWORD}@db/leads",
    "https://user:<password>@git.example.com/repo.git",
    "https://{user}:{password}@{host}/",
    "https://example.com:8443/path@v2",
    "redis://cache:6379/0",
    "mailto:bizops@example.com",
    "git@github.com:acme/connectors.git",
    "ssh://git@git.internal:2222/acme.git",
    "sha256:9f2c41d0c7a1e9b8d5f60718293a4b5c6d7e8f901a2b3c4d5e6f708192a3b4c5",
    "commit 3bddef0c9a41e7b26f58d0c1a2b3c4d5e6f70819",
    "integrity: sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGN",
    "--hash=sha256:824e91a94a5b72a65531e8db0dd63dc4dc6bbad1a219b19582b48d5661c1c707",
    "id: 3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    "uuid = '550e8400-e29b-41d4-a716-446655440000'",
    "inst_4KD29XQ2M0ZA",
    "trace: 4bf92f3577b34da6a3ce929d0e0e4736",
    'etag: "33a64df551425fcc55e4d42a148795d9f25f89d4"',
    "AKIAIOSFODNN7EXAMPLE",
    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "xoxb-your-token",
    "xoxb-…",
    "sk_test_xxxxxxxxxxxxxxxxxxxxxxxx",
    "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
    "-----BEGIN PUBLIC KEY-----",
    "-----BEGIN CERTIFICATE-----",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ana",
    "eyJ is how base64 of JSON begins",
    "SK is the country code of Slovakia",
    "key-value store, key-value-pairs",
    "monitoring-us1, eu-us14",
    "regions: [us-east-1, us-west-2]",
    "npm_config_cache=/tmp/npm",
    "hf_transfer is faster",
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
    "slack_channel: '#sales-2026'",
    "schema: {type: string, pattern: '^#[a-z0-9_-]+$', maxLength: 81}",
    "image: registry.internal/crm-to-slack@sha256:9f2c41d0c7a1e9b8d5f60718293a4b5c",
    "password_hash: see the table account",
    "secret_scanning: enabled_by_default",
    "tokenEndpoint: /oauth2/v1/token",
    "csrf_token_name: csrf_cookie_v2",
    "passwordPolicy: strong-v2",
    "api_keys: []",
    "secrets: {}",
    "  api_key: {from: store}",
    "export TOKEN=$(vault read -field=token auth/x)",
    "TOKEN=`cat /run/token`",
    "os.environ['API_KEY']",
    "process.env.API_KEY",
    'getenv("SECRET_KEY")',
    "provision: {method: store, path: 'teams/{team}/slack_bot_token'}",
)


def with_credential() -> Iterator[tuple[str, str]]:
    """Give name and text of every case that has exactly one credential or more."""
    chance = random.Random(SEED)  # noqa: S311  texts that look like secrets are wanted
    for number, (name, form) in enumerate(FORMS.items()):
        around = (AROUND[0], AROUND[1 + number % 4], AROUND[1 + (number + 1) % 4])
        for place, text in enumerate(around):
            yield f"{name}-{place}", text.format(_filled(form, chance))
    for kind in KINDS_OF_KEY:
        block = BLOCKS["pem"].replace("{}", kind)
        yield f"pem-{kind.strip().lower() or 'plain'}", _filled(block, chance)
    for number, form in enumerate((*NAMED, *ADDRESSES)):
        yield f"named-{number}", _filled(form, chance)


def _filled(form: str, chance: random.Random) -> str:
    def some(match: re.Match[str]) -> str:
        return "".join(chance.choices(ALPHABETS[match[1]], k=int(match[2])))

    return re.sub(r"\[(\w+):(\d+)\]", some, form)
