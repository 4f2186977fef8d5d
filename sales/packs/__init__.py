"""Packs: a plan as the files that a CRM loads."""
