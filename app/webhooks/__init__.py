"""Sending webhooks: where they may go, how they are signed, who sends them when."""
