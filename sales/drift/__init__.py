"""Has the market or the team moved away from the plan? Alerts with figures and a next step."""
