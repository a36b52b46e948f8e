"""The control API at `/_localcloud/`: health, settings, faults and function processes. It is not an AWS API.

GET /_localcloud/health; GET and POST /_localcloud/settings; GET, POST and DELETE /_localcloud/faults; POST
/_localcloud/workers/kill {"function": name}, which kills the function's processes.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from localcloud.aws.faults import FAULTS
from localcloud.aws.functions.pool import POOL
from localcloud.aws.http_messages import AwsError, Response, json_response
from localcloud.aws.settings import SETTINGS

if TYPE_CHECKING:
    from localcloud.aws.http_messages import Request

PREFIX: Final = "/_localcloud/"


def control(request: Request, instance: str) -> Response:
    """Answer a request to the control API."""
    match request.method, request.path.removeprefix(PREFIX):
        case "GET", "health":
            return json_response({"status": "ok", "instance": instance, "pid": os.getpid()})
        case "GET", "settings":
            return json_response(SETTINGS.shown())
        case "POST", "settings":
            SETTINGS.change(request.json)
            return json_response(SETTINGS.shown())
        case "GET", "faults":
            return json_response(FAULTS.shown())
        case "POST", "faults":
            FAULTS.add(request.json)
            return json_response(FAULTS.shown())
        case "DELETE", "faults":
            FAULTS.clear()
            return json_response(FAULTS.shown())
        case "POST", "workers/kill":
            return json_response({"killed": POOL.kill(str(request.json.get("function")))})
    raise AwsError("NotFound", f"there is no {request.method} {request.path}", 404)
