"""A local AWS on one port of 127.0.0.1, for machines without an AWS account.

`lifecycle` starts and stops it from any Python (standard library only). Everything else runs in the server process, in
the environment that `requirements.lock` pins. ministack and moto answer most services (`gateway` chooses); this package
implements what they lack: SageMaker endpoints (`sagemaker`), the Lambda runtime and its queue poller (`functions`),
HTTP APIs with SQS integrations (`httpapi`), redrives (`redrive`), authorization of callers (`authorization`) and of AWS
services that act with a role (`role_clients`), and permissions on KMS keys (`encryption`). `fixes` contains the changes
to ministack and moto.
"""
