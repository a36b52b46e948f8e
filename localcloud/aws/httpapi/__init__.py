"""HTTP APIs with SQS integrations: messages, throttling and access logs."""
