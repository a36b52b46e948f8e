"""The Lambda runtime of the local AWS: handlers run in warm processes, fed by queue pollers."""
