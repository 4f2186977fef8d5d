"""The form of plan.json, part by part: keys and types, whatever their values."""
