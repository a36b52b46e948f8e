"""The server process of the local AWS: `python -m localcloud.aws.server`, started by `lifecycle`."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import resource
import shutil
import sys
from importlib import import_module

from localcloud.aws import isolation, patching
from localcloud.aws.server_record import HOST
from localcloud.checkout import ACCOUNT, AWS_STATE, REGION
from localcloud.console import UserError, say


def main() -> int:
    """Serve until a signal arrives; all resources are in memory only."""
    parser = argparse.ArgumentParser(description="The local AWS. Start it with `python -m localcloud.aws start`.")
    parser.add_argument("--fd", type=int, required=True, help="the listening socket")
    parser.add_argument("--port", type=int, required=True, help="its port")
    parser.add_argument("--instance", required=True, help="the id of this start")
    arguments = parser.parse_args()
    try:
        patching.check_versions()
    except UserError as error:
        say(str(error))
        return 2
    _environment(arguments.port)
    isolation.block_external_connections()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard if hard != resource.RLIM_INFINITY else max(soft, 65536), hard))
    asyncio.run(_serve(arguments.fd, arguments.instance))
    return 0


def _environment(port: int) -> None:
    """Set the environment variables that ministack and moto read when they are imported."""
    scratch = AWS_STATE / "tmp"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    os.environ.update(
        ACCOUNT_ID=ACCOUNT,
        AUTH="true",  # the permissions of roles are enforced
        AWS_ACCESS_KEY_ID="test",  # the owner of the account; never a role's key
        AWS_SECRET_ACCESS_KEY="test",  # noqa: S106 - the local AWS's own, worth nothing
        AWS_DEFAULT_REGION=REGION,
        AWS_EC2_METADATA_DISABLED="true",
        BIND_HOST=HOST,
        DOCKER_HOST="unix:///nonexistent",
        GATEWAY_PORT=str(port),
        HOME=str(scratch),
        IOT_MTLS_ENABLED="0",
        LOG_LEVEL="INFO",
        MINISTACK_ACCOUNT_ID=ACCOUNT,
        MINISTACK_HOST=HOST,
        MINISTACK_REGION=REGION,
        MOTO_ACCOUNT_ID=ACCOUNT,
        SFTP_ENABLED="0",
        STATE_DIR=str(scratch / "state"),
        TMPDIR=str(scratch),
    )


async def _serve(fd: int, instance: str) -> None:
    from localcloud.aws.gateway import Gateway  # noqa: PLC0415 - ministack reads the environment when it is imported

    config = import_module("hypercorn.config").Config()
    config.bind = [f"fd://{fd}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1
    config.accesslog = config.errorlog = None  # what matters is in ours
    await import_module("hypercorn.asyncio").serve(Gateway(instance), config)
    sys.stdout.flush()
    os._exit(0)  # threads of the libraries may still wait for something; there is nothing to save


if __name__ == "__main__":
    sys.exit(main())
