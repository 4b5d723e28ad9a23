"""Permissions, labelled: wider than what they name, or just what they name.

Too wide is a wildcard, a right of administrators, a role that allows almost everything, and a
host that is none by name. Beside them stands what only looks like it: colons, stars in texts,
words that begin alike.
"""

from collections.abc import Iterator

from labelled import FINE, Case

WIDE = "wide"
SLACK = "Slack API, Permission scopes"
GITHUB = "GitHub Docs, Scopes for OAuth apps"
GRAPH = "Microsoft Graph, permissions reference"
SALESFORCE = "Salesforce Help, OAuth tokens and scopes"
HUBSPOT = "HubSpot Developers, Scopes"
ZOOM = "Zoom Developers, OAuth scopes"
GOOGLE = "Google Identity, OAuth 2.0 scopes for Google APIs"
OIDC = "OpenID Connect Core, Requesting claims using scope values"
IAM = "AWS IAM, policy elements: Action, NotAction, Resource, Principal"
GCP = "Google Cloud IAM, basic and predefined roles"
AZURE = "Azure RBAC, role definitions and built-in roles"
KUBERNETES = "Kubernetes, Using RBAC authorization"
HOST = "RFC 1123, RFC 6761 and the metadata services of clouds"
ROUTES = "CloudEvents, cron and Markdown as manifests quote them"

SCOPES, ACTIONS, HOSTS, TEXTS = "scopes", "actions", "hosts", "texts"
PERMISSIONS = (
    (SCOPES, "*", WIDE, SLACK),
    (SCOPES, "admin", WIDE, SLACK),
    (SCOPES, "admin.users:write", WIDE, SLACK),
    (SCOPES, "chat:write", FINE, SLACK),
    (SCOPES, "chat:write.public", FINE, SLACK),
    (SCOPES, "channels:history", FINE, SLACK),
    (SCOPES, "calls:write", FINE, SLACK),
    (SCOPES, "users:read.email", FINE, SLACK),
    (SCOPES, "admin:org", WIDE, GITHUB),
    (SCOPES, "admin:repo_hook", WIDE, GITHUB),
    (SCOPES, "site_admin", WIDE, GITHUB),
    (SCOPES, "read:org", FINE, GITHUB),
    (SCOPES, "repo:status", FINE, GITHUB),
    (SCOPES, "write:packages", FINE, GITHUB),
    (SCOPES, "User.Read.All", WIDE, GRAPH),
    (SCOPES, "Sites.FullControl.All", WIDE, GRAPH),
    (SCOPES, "Directory.ReadWrite.All", WIDE, GRAPH),
    (SCOPES, "Mail.Read", FINE, GRAPH),
    (SCOPES, "Files.ReadWrite.AppFolder", FINE, GRAPH),
    (SCOPES, "offline_access", FINE, GRAPH),
    (SCOPES, "full", WIDE, SALESFORCE),
    (SCOPES, "refresh_token", FINE, SALESFORCE),
    (SCOPES, "api", FINE, SALESFORCE),
    (SCOPES, "crm.objects.contacts.read", FINE, HUBSPOT),
    (SCOPES, "crm.objects.*", WIDE, HUBSPOT),
    (SCOPES, "crm.objects.owners.read", FINE, HUBSPOT),
    (SCOPES, "meeting:write:admin", WIDE, ZOOM),
    (SCOPES, "meeting:read", FINE, ZOOM),
    (SCOPES, "https://www.googleapis.com/auth/cloud-platform", WIDE, GOOGLE),
    (SCOPES, "https://mail.google.com/", WIDE, GOOGLE),
    (SCOPES, "https://www.googleapis.com/auth/drive.file", FINE, GOOGLE),
    (SCOPES, "openid", FINE, OIDC),
    (SCOPES, "profile", FINE, OIDC),
    (SCOPES, "full_name", FINE, OIDC),
    (SCOPES, "administration:read", FINE, OIDC),
    (ACTIONS, "*", WIDE, IAM),
    (ACTIONS, "*:*", WIDE, IAM),
    (ACTIONS, "s3:*", WIDE, IAM),
    (ACTIONS, "s3:Get*", WIDE, IAM),
    (ACTIONS, "ec2:Describe*", WIDE, IAM),
    (ACTIONS, "s3:*Object", WIDE, IAM),
    (ACTIONS, "s3:?etObject", WIDE, IAM),
    (ACTIONS, "s3:GetObject", FINE, IAM),
    (ACTIONS, "lambda:InvokeFunction", FINE, IAM),
    (ACTIONS, "sqs:SendMessage", FINE, IAM),
    (ACTIONS, "s3:ListAllMyBuckets", FINE, IAM),
    (ACTIONS, "roles/owner", WIDE, GCP),
    (ACTIONS, "roles/editor", WIDE, GCP),
    (ACTIONS, "roles/storage.admin", WIDE, GCP),
    (ACTIONS, "storage.objects.get", FINE, GCP),
    (ACTIONS, "roles/storage.objectViewer", FINE, GCP),
    (ACTIONS, "roles/pubsub.publisher", FINE, GCP),
    (ACTIONS, "Microsoft.Storage/*", WIDE, AZURE),
    (ACTIONS, "*/read", WIDE, AZURE),
    (ACTIONS, "Owner", WIDE, AZURE),
    (ACTIONS, "Contributor", WIDE, AZURE),
    (ACTIONS, "Microsoft.Compute/virtualMachines/read", FINE, AZURE),
    (ACTIONS, "Reader", FINE, AZURE),
    (ACTIONS, "cluster-admin", WIDE, KUBERNETES),
    (ACTIONS, "pods/log", FINE, KUBERNETES),
    (HOSTS, "*", WIDE, HOST),
    (HOSTS, "*.example.com", WIDE, HOST),
    (HOSTS, "api.*.com", WIDE, HOST),
    (HOSTS, "10.0.0.4", WIDE, HOST),
    (HOSTS, "169.254.169.254", WIDE, HOST),
    (HOSTS, "0.0.0.0", WIDE, HOST),  # noqa: S104
    (HOSTS, "localhost", WIDE, HOST),
    (HOSTS, "localhost:8080", WIDE, HOST),
    (HOSTS, "app.localhost", WIDE, HOST),
    (HOSTS, "metadata.google.internal", WIDE, HOST),
    (HOSTS, "api.example.com", FINE, HOST),
    (HOSTS, "hooks.slack.com:443", FINE, HOST),
    (HOSTS, "localhost.example.com", FINE, HOST),
    (HOSTS, "metadata.example.com", FINE, HOST),
    (HOSTS, "1password.com", FINE, HOST),
    (HOSTS, "10.example.com", FINE, HOST),
    (TEXTS, "Copies src/*.csv, and s3:* is not asked for", FINE, ROUTES),
    (TEXTS, "*Bold*, **very**, and admin:org in a sentence", FINE, ROUTES),
    (TEXTS, "Runs at */5 * * * * for *.example.com", FINE, ROUTES),
)
STATEMENT = """\
data "aws_iam_policy_document" "x" {{
  statement {{
    {effect}
    {actions}
    resources = ["arn:aws:s3:::leads/in/*"]
  }}
}}
"""
ALLOW, DENY = 'effect = "Allow"', 'effect = "Deny"'


def _statement(actions: str, effect: str = ALLOW) -> str:
    return STATEMENT.format(actions=actions, effect=effect)


def _json(statement: str) -> str:
    policy = f'{{ Version = "2012-10-17", Statement = [{{ {statement} }}] }}'
    return f'resource "aws_iam_policy" "x" {{\n  policy = jsonencode({policy})\n}}\n'


def _grant(kind: str, text: str) -> str:
    """Write a resource that grants something, with one more setting."""
    return f'resource "{kind}" "x" {{\n  member = "user:a"\n  {text}\n}}\n'


def _rule(verb: str) -> str:
    inside = f'api_groups = [""]\n  resources = ["pods"]\n  verbs = ["{verb}"]'
    return f'resource "kubernetes_role" "x" {{\n  rule {{\n{inside}\n  }}\n}}\n'


GCP_MEMBER, AZURE_ROLE = "google_project_iam_member", "azurerm_role_assignment"
ATTACHED = "aws_iam_role_policy_attachment"
TERRAFORM = (
    (_statement('actions = ["s3:*"]'), WIDE, IAM),
    (_statement('actions = ["*"]'), WIDE, IAM),
    (_statement('actions = ["*:*"]'), WIDE, IAM),
    (_statement('actions = ["s3:GetObject", "sqs:*"]'), WIDE, IAM),
    (_statement('not_actions = ["iam:*"]'), WIDE, IAM),
    (_statement('actions = ["s3:GetObject"]'), FINE, IAM),
    (_statement('actions = ["s3:GetObject", "s3:PutObject"]'), FINE, IAM),
    (_statement('actions = ["s3:*"]', DENY), FINE, IAM),
    (_statement('# actions = ["s3:*"]\n    actions = ["s3:GetObject"]'), FINE, IAM),
    (_json('Effect = "Allow", Action = "s3:*", Resource = "arn:x"'), WIDE, IAM),
    (_json('Effect = "Allow", Action = ["s3:*"], Resource = "arn:x"'), WIDE, IAM),
    (_json('Effect = "Allow", NotAction = "iam:*", Resource = "arn:x"'), WIDE, IAM),
    (_json('Effect = "Allow", Action = "s3:GetObject", Resource = "arn:x/*"'), FINE, IAM),
    (_json('Effect = "Deny", Action = "*", Resource = "*"'), FINE, IAM),
    (_grant(GCP_MEMBER, 'role = "roles/owner"'), WIDE, GCP),
    (_grant(GCP_MEMBER, 'role = "roles/editor"'), WIDE, GCP),
    (_grant(GCP_MEMBER, 'role = "roles/pubsub.publisher"'), FINE, GCP),
    (_grant(AZURE_ROLE, 'role_definition_name = "Owner"'), WIDE, AZURE),
    (_grant(AZURE_ROLE, 'role_definition_name = "Contributor"'), WIDE, AZURE),
    (_grant(AZURE_ROLE, 'role_definition_name = "Reader"'), FINE, AZURE),
    (_grant("azurerm_role_definition", 'permissions {\n    actions = ["*"]\n  }'), WIDE, AZURE),
    (_grant(ATTACHED, 'policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"'), WIDE, IAM),
    (_grant(ATTACHED, 'policy_arn = "arn:aws:iam::aws:policy/PowerUserAccess"'), WIDE, IAM),
    (_grant(ATTACHED, 'policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"'), FINE, IAM),
    (_rule("*"), WIDE, KUBERNETES),
    (_rule("get"), FINE, KUBERNETES),
    ('resource "aws_s3_object" "x" {\n  key = "s3:*"\n  content = "Action: *"\n}\n', FINE, IAM),
    ('output "note" {\n  value = "actions = [*]"\n}\n', FINE, IAM),
)


def permissions() -> Iterator[Case[tuple[str, str]]]:
    """Give the cases of manifests: which part, and what stands there."""
    for part, text, verdict, source in PERMISSIONS:
        yield Case(f"{part} {text}", (part, text), verdict, source)


def terraform() -> Iterator[Case[str]]:
    """Give the cases of Terraform."""
    for text, verdict, source in TERRAFORM:
        yield Case(" ".join(text.split()), text, verdict, source)
