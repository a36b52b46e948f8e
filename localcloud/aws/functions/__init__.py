"""The Lambda runtime of the local AWS: handlers really run, in processes that stay warm, fed by a queue poller."""
