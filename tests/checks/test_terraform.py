"""Terraform: what is open, unpinned, too powerful or a secret is found where it stands."""

from collections.abc import Callable
from pathlib import Path

import pytest

from connectory.checks.rules import NotRunError
from connectory.checks.subject import Subject, Vetted
from connectory.checks.terraform import MOST_CHARACTERS, run
from connectory.manifest.loader import load

MANIFEST = b"""\
id: lead-alerts
name: Lead alerts
version: 1.0.0
description: Tells a channel about leads
owner: bizops@example.com
secrets: [crm_login]
runtime: {type: terraform}
"""
PROVIDERS = """\
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.31.0" }
  }
}
"""
LOCK = """\
provider "registry.terraform.io/hashicorp/aws" {
  version = "5.31.0"
  hashes  = ["h1:ltxyuBWIy9cq0kIKDJH1jeWJy/y7XJLjS4QrsQK4plA="]
}
"""
LOCKED = {"versions.tf": PROVIDERS, ".terraform.lock.hcl": LOCK}

Found = Callable[..., list[tuple[str, int | None]]]


@pytest.fixture
def found(tmp_path: Path) -> Found:
    """Check `main.tf` beside locked providers; give codes and lines of what is found."""

    def check(text: str, others: dict[str, str] = LOCKED) -> list[tuple[str, int | None]]:
        files = {**others, "main.tf": text}
        for name, content in files.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(content)
        subject = Subject(MANIFEST, "manifest.yaml", "", tmp_path, frozenset(files))
        problems = [one.problem for one in run(Vetted(subject, load(MANIFEST)))]
        assert all(one.message and one.hint for one in problems)
        return [(one.code, one.line) for one in problems]

    return check


RUNS, INJECTS = "terraform-runs-program", "terraform-command-injection"
KEPT, CREDENTIAL = "terraform-secret-kept", "terraform-credential"
WILD, PUBLIC = "terraform-wildcard-permission", "terraform-public"
OPEN, UNPINNED = "terraform-open-ingress", "terraform-unpinned"


def policy(statement: str) -> str:
    """Return a policy whose statement begins in line 2."""
    return f'resource "aws_iam_policy" "p" {{\n  policy = jsonencode({{ {statement} }})\n}}'


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        (
            'resource "aws_x" "a" {\n  provisioner "local-exec" {\n    command = "ls"\n  }\n}',
            RUNS,
            2,
        ),
        (
            (
                'resource "aws_x" "a" {\n  provisioner "local-exec" {\n'
                '    command = "echo ${var.name}"\n  }\n}'
            ),
            INJECTS,
            3,
        ),
        (
            (
                'resource "aws_x" "a" {\n  provisioner "local-exec" {\n'
                "    command = <<-EOT\n      echo ${var.name}\n    EOT\n  }\n}"
            ),
            INJECTS,
            3,
        ),
        (
            'resource "aws_x" "a" {\n  provisioner "local-exec" {\n  command = var.c\n }\n}',
            INJECTS,
            3,
        ),
        (
            (
                'resource "aws_x" "a" {\n  provisioner "remote-exec" {\n'
                '    inline = ["a", "b ${var.c}"]\n  }\n}'
            ),
            INJECTS,
            3,
        ),
        ('data "external" "x" {\n  program = ["sh", "x.sh"]\n  provider = aws\n}', RUNS, 1),
        ('variable "api_token" {\n  type = string\n}', KEPT, 1),
        ('variable "api_token" {\n  sensitive = true\n}', KEPT, 1),
        ('variable "crm_login" {\n  type = string\n}', KEPT, 1),
        (
            'variable "db_password" {\n  ephemeral = true\n  default = "hunter2!"\n}',
            CREDENTIAL,
            3,
        ),
        ('provider "aws" {\n  region = "a"\n  secret_key = "wJalr/K7MDENG"\n}', CREDENTIAL, 3),
        ('terraform {\n  backend "pg" {\n    password = "s3cr3t-x"\n  }\n}', CREDENTIAL, 3),
        (policy('Action = "*", Resource = "arn:aws:s3:::b"'), WILD, 2),
        (policy('Action = ["s3:GetObject", "s3:*"]'), WILD, 2),
        (policy('"NotAction": ["iam:*"]'), WILD, 2),
        (
            policy('Action = ["ce:GetCostAndUsage"], Resource = "*"'),
            "terraform-wildcard-resource",
            2,
        ),
        (
            (
                'resource "aws_iam_policy" "p" {\n  policy = <<EOF\n{"Statement": [\n'
                '  {"Action": "*", "Resource": "${var.arn}"}\n]}\nEOF\n}'
            ),
            WILD,
            4,
        ),
        (
            'resource "aws_iam_policy" "p" {\n  policy = "{\\"Action\\": \\"iam:*\\"}"\n}',
            WILD,
            2,
        ),
        (
            'data "aws_iam_policy_document" "d" {\n  statement {\n  actions = ["*"]\n }\n}',
            WILD,
            3,
        ),
        (
            (
                'resource "aws_iam_role_policy_attachment" "a" {\n'
                '  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"\n}'
            ),
            WILD,
            2,
        ),
        ('resource "aws_s3_bucket_acl" "b" {\n  acl = "public-read"\n}', PUBLIC, 2),
        (
            'resource "aws_s3_bucket_public_access_block" "b" {\n block_public_acls = false\n}',
            PUBLIC,
            2,
        ),
        (policy('Effect = "Allow", Principal = "*"'), PUBLIC, 2),
        (policy('Effect = "Allow", Principal = { AWS = "*" }'), PUBLIC, 2),
        ('resource "aws_db_instance" "d" {\n  publicly_accessible = true\n}', PUBLIC, 2),
        (
            (
                'resource "aws_security_group" "g" {\n  ingress {\n    from_port = 22\n'
                '    cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"]\n  }\n}'
            ),
            OPEN,
            4,
        ),
        (
            (
                'resource "aws_security_group" "g" {\n  dynamic "ingress" {\n    content {\n'
                '      ipv6_cidr_blocks = ["::/0"]\n    }\n  }\n}'
            ),
            OPEN,
            4,
        ),
        (
            'resource "aws_vpc_security_group_ingress_rule" "r" {\n cidr_ipv4 = "0.0.0.0/0"\n}',
            OPEN,
            2,
        ),
        ('module "m" {\n  source = "terraform-aws-modules/vpc/aws"\n}', UNPINNED, 2),
        (
            'module "m" {\n  source = "terraform-aws-modules/vpc/aws"\n  version = "~> 5.0"\n}',
            UNPINNED,
            3,
        ),
        ('module "m" {\n  source = "git::https://example.com/m.git"\n}', UNPINNED, 2),
        ('module "m" {\n  source = "git::https://example.com/m.git?ref=main"\n}', UNPINNED, 2),
        ('module "m" {\n  source = "https://example.com/m.zip"\n}', UNPINNED, 2),
        ('resource "random_id" "r" {\n}', UNPINNED, 1),
        ('resource "aws_x" "a" {\n  =\n}', "terraform-unreadable", 2),
    ],
)
def test_what_is_wrong_is_found_in_its_line(
    found: Found, text: str, code: str, line: int
) -> None:
    assert found(text) == [(code, line)]


@pytest.mark.parametrize(
    "text",
    [
        'variable "api_token" {\n  ephemeral = true\n  sensitive = true\n}',
        'variable "public_key" {}\nvariable "token_count" {}\nvariable "kms_key_id" {}',
        'provider "aws" {\n  token = var.token\n  access_key = ""\n}',
        policy('Effect = "Deny", Action = "*", Resource = "*"'),
        policy('Effect = "Deny", Principal = { AWS = "*" }'),
        policy('Action = ["s3:GetObject", "s3:List*"], Resource = "arn:aws:s3:::b/*"'),
        policy('Principal = "*", Condition = { StringEquals = {} }'),
        'resource "aws_security_group" "g" {\n egress {\n  cidr_blocks = ["0.0.0.0/0"]\n }\n}',
        (
            'resource "aws_security_group_rule" "r" {\n  type = "egress"\n'
            '  cidr_blocks = ["0.0.0.0/0"]\n}'
        ),
        'resource "aws_s3_bucket_acl" "b" {\n  acl = "private"\n}',
        'module "m" {\n  source = "./inner"\n}',
        'module "m" {\n  source = "terraform-aws-modules/vpc/aws"\n  version = "5.1.2"\n}',
        'module "m" {\n  source = "git::ssh://git@example.com/m.git//sub?ref=v1.2.0"\n}',
        'resource "terraform_data" "t" {\n  input = 1\n}',
        '# provisioner "local-exec" {}\nlocals {\n  text = "Action = \\"*\\""\n}',
    ],
)
def test_what_is_closed_and_pinned_is_silent(found: Found, text: str) -> None:
    assert found(text) == []


USES = 'resource "aws_x" "a" {\n}\n'
OPEN_RANGE = PROVIDERS.replace("5.31.0", "~> 5.0")
NO_VERSION = PROVIDERS.replace(', version = "5.31.0"', "")


@pytest.mark.parametrize(
    ("others", "told"),
    [
        ({"versions.tf": OPEN_RANGE}, [(UNPINNED, 3)]),
        ({"versions.tf": NO_VERSION}, [(UNPINNED, 3)]),
        ({"versions.tf": NO_VERSION, ".terraform.lock.hcl": LOCK}, []),
        ({"versions.tf": PROVIDERS, ".terraform.lock.hcl": ""}, [(UNPINNED, 3)]),
        (
            {
                "versions.tf": PROVIDERS,
                ".terraform.lock.hcl": LOCK.replace("h1:", "")[:70] + "}",
            },
            [(UNPINNED, 3)],
        ),
        ({".terraform.lock.hcl": LOCK}, []),
        ({"x.tf.json": "{}", ".terraform.lock.hcl": LOCK}, [("terraform-unreadable", 1)]),
    ],
    ids=["range", "nothing", "lock alone", "not in it", "no hash", "implied", "json"],
)
def test_a_provider_is_pinned_by_the_lock(
    found: Found, others: dict[str, str], told: list[tuple[str, int]]
) -> None:
    assert found(USES, others) == told


@pytest.mark.parametrize(
    "text", ["x = " + "[" * 5000 + "]" * 5000, "x = (((", 'x = "${' * 90, "#" * 200_000]
)
def test_what_is_too_deep_or_too_large_is_found(found: Found, text: str) -> None:
    assert [code for code, _ in found(text)] == ["terraform-unreadable"]


def test_more_than_anybody_writes_is_not_read(found: Found) -> None:
    others = {f"{n}.tf": "#" * 90_000 for n in range(MOST_CHARACTERS // 90_000 + 1)}

    with pytest.raises(NotRunError, match="characters of Terraform"):
        found("", others)
