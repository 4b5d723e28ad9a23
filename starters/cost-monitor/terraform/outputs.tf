output "user_name" {
  description = "User for whom to create the access key."
  value       = aws_iam_user.monitor.name
}

output "policy_arn" {
  description = "Policy to attach to a role instead, where the connector runs with one."
  value       = aws_iam_policy.read_costs.arn
}
