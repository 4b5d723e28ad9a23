variable "name" {
  description = "Name of the user, the policy and the budget."
  type        = string
  default     = "cost-monitor"

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", var.name))
    error_message = "The name has 1 to 64 letters, digits and characters of +=,.@_-."
  }
}

variable "monthly_budget" {
  description = "What a calendar month may cost; the same as the setting budget_amount."
  type        = number

  validation {
    condition     = var.monthly_budget > 0
    error_message = "The budget is more than 0."
  }
}

variable "currency" {
  description = "Currency of the bill; the same as the setting budget_currency."
  type        = string
  default     = "USD"
}

variable "alert_emails" {
  description = "Who AWS itself tells when the budget is reached; nobody unless given."
  type        = list(string)
  default     = []

  validation {
    condition     = length(var.alert_emails) <= 10
    error_message = "AWS tells 10 addresses at most."
  }
}

variable "tags" {
  description = "Tags of everything that is created."
  type        = map(string)
  default     = {}
}
