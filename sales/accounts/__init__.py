"""Any CRM export as an AccountTable with every doubt about it."""

from sales.accounts.read import read_accounts

__all__ = ["read_accounts"]
