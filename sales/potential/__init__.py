"""From facts about accounts to their yearly potential, with reasons and with error bars."""
