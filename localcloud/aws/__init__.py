"""A local AWS on one port of 127.0.0.1, for machines without an account.

`lifecycle` starts and stops it from any Python (standard library only). Everything else runs inside the server, under
the environment of its own that `requirements.lock` pins: ministack and moto answer most services, each the ones it does
better (`gateway`), and what neither does right is ours: the SageMaker endpoints (`sagemaker`), the Lambda runtime and
its queue poller (`functions`), HTTP APIs in front of queues (`httpapi`), dead letters that go back (`redrive`), the
permissions of whoever calls (`access`), also where AWS calls itself for a role (`acting`), and the keys of what is
encrypted (`encryption`). `fixes` says what we change in the two.
"""
