"""The forms that credentials have, from the documentation of who issues them."""

import re
from typing import NamedTuple


class Format(NamedTuple):
    """One form: `issuer` completes "it looks like …"; without a mark in it, no text has it."""

    issuer: str
    marks: tuple[str, ...]
    pattern: str


FORMATS = (
    Format("an access key of AWS", ("AKIA", "ASIA"), r"(?:AKIA|ASIA)[A-Z2-7]{16}"),
    Format(
        "a token of GitHub",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
        r"gh[pousr]_[A-Za-z0-9]{36,251}",
    ),
    Format("a token of GitHub", ("github_pat_",), r"github_pat_[A-Za-z0-9_]{50,244}"),
    Format(
        "a token of GitLab",
        ("glpat-", "gldt-", "glrt-", "glptt-", "glsoat-", "glcbt-"),
        r"gl(?:pat|dt|rt|ptt|soat|cbt)-[\w-]{20,}",
    ),
    Format("a token of Slack", ("xox",), r"xox[abeoprs](?:\.xox[bp])?-\d[0-9A-Za-z-]{9,250}"),
    Format("a token of Slack", ("xapp-",), r"xapp-\d-[A-Z0-9]+-\d+-[a-z0-9]{32,}"),
    Format(
        "an incoming webhook of Slack",
        ("hooks.slack.com",),
        r"https://hooks\.slack\.com/(?:services|workflows)/[A-Z0-9]{6,}/[A-Z0-9]{6,}/\w{16,}",
    ),
    Format(
        "an incoming webhook of Teams",
        ("webhook.office.com",),
        r"https://[a-z0-9-]+\.webhook\.office\.com/webhookb2/[\w@-]{36,}",
    ),
    Format(
        "a webhook of Discord",
        ("/api/webhooks/",),
        r"https://discord(?:app)?\.com/api/webhooks/\d{17,20}/[\w-]{60,}",
    ),
    Format("a key of Stripe", ("_live_", "_test_"), r"[rs]k_(?:live|test)_[0-9A-Za-z]{20,247}"),
    Format("a signing secret of Stripe", ("whsec_",), r"whsec_[A-Za-z0-9+/]{32,}"),
    Format("an API key of Google", ("AIza",), r"AIza[\w-]{35}"),
    Format("a client secret of Google", ("GOCSPX-",), r"GOCSPX-[\w-]{28}"),
    Format(
        "a private key", ("PRIVATE KEY",), r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----"
    ),
    Format("a token of npm", ("npm_",), r"npm_[A-Za-z0-9]{36}"),
    Format("a token of PyPI", ("pypi-AgE",), r"pypi-AgE[\w-]{50,}"),
    Format("a key of SendGrid", ("SG.",), r"SG\.[\w-]{22}\.[\w-]{43}"),
    Format("a key of Mailgun", ("key-",), r"key-[0-9a-f]{32}"),
    Format("a key of Mailchimp", ("-us",), r"[0-9a-f]{32}-us\d{1,2}"),
    Format("a key of Twilio", ("SK",), r"SK[0-9a-f]{32}"),
    Format("a token of Databricks", ("dapi",), r"dapi[0-9a-f]{32}(?:-\d)?"),
    Format("a token of DigitalOcean", ("_v1_",), r"do[opr]_v1_[0-9a-f]{64}"),
    Format("a token of Vault", ("hvs.", "hvb.", "hvr."), r"hv[sbr]\.[\w-]{24,}"),
    Format("a token of Terraform", (".atlasv1.",), r"[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,}"),
    Format("a key of Anthropic", ("sk-ant-",), r"sk-ant-[a-z0-9]{3,8}-[\w-]{80,}"),
    Format("a key of OpenAI", ("sk-",), r"sk-(?:proj-|svcacct-|admin-)[\w-]{40,}"),
    Format("a key of OpenAI", ("T3BlbkFJ",), r"sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}"),
    Format("a token of Hugging Face", ("hf_",), r"hf_[A-Za-z]{34}"),
    Format("a token of Shopify", ("shp",), r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
    Format("a token of Square", ("sq0",), r"sq0(?:atp|csp)-[\w-]{22,43}"),
    Format("a token of a Telegram bot", (":AA",), r"\d{8,10}:AA[\w-]{33}"),
    Format("a key of New Relic", ("NRAK-",), r"NRAK-[A-Z0-9]{27}"),
    Format(
        "a token of Grafana", ("glsa_", "glc_"), r"gl(?:sa_\w{32}_[0-9a-f]{8}|c_[\w+/=]{32,})"
    ),
    Format("a key of Linear", ("lin_api_",), r"lin_api_[A-Za-z0-9]{40}"),
    Format("a token of Notion", ("ntn_", "secret_"), r"(?:ntn_|secret_)[A-Za-z0-9]{40,50}"),
    Format("a token of Atlassian", ("ATATT3",), r"ATATT3[\w-]{150,}=[0-9A-F]{8}"),
    Format(
        "a token of HubSpot",
        ("pat-na", "pat-eu"),
        r"pat-(?:na|eu)\d-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    ),
    Format("a token of Docker Hub", ("dckr_",), r"dckr_(?:pat|oat)_[\w-]{27,}"),
    Format("a key of Azure Storage", ("AccountKey=",), r"AccountKey=[A-Za-z0-9+/]{86}=="),
    Format("a JSON Web Token", ("eyJ",), r"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}"),
    Format(
        "a key of age",
        ("AGE-SECRET-KEY-",),
        r"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}",
    ),
    Format("a token of Connectory", ("cty_",), r"cty_[A-Za-z0-9]{38}"),
)
MARKED = tuple(
    (mark, one, re.compile(rf"(?<![A-Za-z0-9_-])(?:{one.pattern})"))
    for one in FORMATS
    for mark in one.marks
)
"""Each mark of each format: a text without it need not be searched for the pattern."""
