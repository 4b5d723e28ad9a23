# The least that the cost monitor needs in AWS, and a budget of AWS itself as a second net.

# Cost Explorer has no resources that a policy could name.
data "aws_iam_policy_document" "read_costs" {
  statement {
    sid       = "ReadCosts"
    effect    = "Allow"
    actions   = ["ce:GetCostAndUsage"]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "read_costs" {
  name        = "${var.name}-read-costs"
  description = "Read costs and usage, nothing else."
  policy      = data.aws_iam_policy_document.read_costs.json
  tags        = var.tags
}

# Its access key is created by hand, so that no secret is in the state of Terraform.
resource "aws_iam_user" "monitor" {
  name = var.name
  tags = var.tags
}

resource "aws_iam_user_policy_attachment" "monitor" {
  user       = aws_iam_user.monitor.name
  policy_arn = aws_iam_policy.read_costs.arn
}

resource "aws_budgets_budget" "month" {
  name         = var.name
  budget_type  = "COST"
  limit_amount = tostring(var.monthly_budget)
  limit_unit   = var.currency
  time_unit    = "MONTHLY"
  tags         = var.tags

  dynamic "notification" {
    for_each = length(var.alert_emails) > 0 ? toset(["ACTUAL", "FORECASTED"]) : toset([])

    content {
      notification_type          = notification.value
      comparison_operator        = "GREATER_THAN"
      threshold                  = 100
      threshold_type             = "PERCENTAGE"
      subscriber_email_addresses = var.alert_emails
    }
  }
}
