"""What a report on a plan or on one of its territories says."""
