"""Rules of engagement: who owns which account when several rules claim it, from when, and why."""
