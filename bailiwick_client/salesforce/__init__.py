"""Salesforce, by the package simple-salesforce (the extra `salesforce`)."""
