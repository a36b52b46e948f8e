"""`/_localcloud/`: health, settings, faults and workers of the local AWS. Not an AWS API, hence its own corner.

GET /_localcloud/health; GET and POST /_localcloud/settings; GET, POST and DELETE /_localcloud/faults;
POST /_localcloud/workers/kill {"function": name}, which kills its processes in the middle of what they do.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from localcloud.aws.faults import FAULTS
from localcloud.aws.functions.pool import POOL
from localcloud.aws.settings import SETTINGS
from localcloud.aws.wire import AwsError, Response, answer

if TYPE_CHECKING:
    from localcloud.aws.wire import Request

PREFIX: Final = "/_localcloud/"


def control(request: Request, instance: str) -> Response:
    """Answer a request to the control surface."""
    match request.method, request.path.removeprefix(PREFIX):
        case "GET", "health":
            return answer({"status": "ok", "instance": instance, "pid": os.getpid()})
        case "GET", "settings":
            return answer(SETTINGS.shown())
        case "POST", "settings":
            SETTINGS.change(request.json)
            return answer(SETTINGS.shown())
        case "GET", "faults":
            return answer(FAULTS.shown())
        case "POST", "faults":
            FAULTS.add(request.json)
            return answer(FAULTS.shown())
        case "DELETE", "faults":
            FAULTS.clear()
            return answer(FAULTS.shown())
        case "POST", "workers/kill":
            return answer({"killed": POOL.kill(str(request.json.get("function")))})
    raise AwsError("NotFound", f"there is no {request.method} {request.path}", 404)
