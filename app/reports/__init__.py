"""Reports on plans and territories as one HTML or PDF file each, to be opened anywhere."""
