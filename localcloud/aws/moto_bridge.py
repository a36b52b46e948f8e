"""moto's server application: one request at a time, in a thread of its own, imported on first use."""

from __future__ import annotations

import asyncio
import io
import re
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from localcloud.aws.http_messages import AwsError, Response

if TYPE_CHECKING:
    from localcloud.aws.http_messages import Request


class MotoBridge:
    """Answers requests with moto. Its backends are not thread-safe, hence the single thread."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="moto")
        self._application: Any = None

    async def answer(self, request: Request) -> Response:
        """Return moto's response."""
        response = await asyncio.get_running_loop().run_in_executor(self._thread, self._call, request)
        if response.status >= HTTPStatus.BAD_REQUEST and b"<html" in response.body[:200].lower():  # a page, no answer
            raise AwsError("NotImplemented", _reason(response.body), 501)
        return response

    def _call(self, request: Request) -> Response:
        if self._application is None:
            self._application = _load()
        status, headers = "500 Internal Server Error", []

        def start_response(line: str, pairs: list[tuple[str, str]], _error: object = None) -> None:
            nonlocal status, headers
            status, headers = line, pairs

        try:
            chunks = self._application(_environ(request), start_response)
        except RuntimeError as error:  # what moto raises for an operation it lacks
            raise AwsError("NotImplemented", f"the local AWS does not answer this: {error}", 501) from error
        try:
            body = b"".join(chunks)
        finally:
            getattr(chunks, "close", lambda: None)()
        kept = {name.lower(): value for name, value in headers if name.lower() != "content-length"}
        return Response(int(status.split(maxsplit=1)[0]), kept, body)


def _load() -> Any:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: PLC0415 - half a second

    from localcloud.aws.fixes import moto_fixes  # noqa: PLC0415 - the same

    moto_fixes.apply()
    return DomainDispatcherApplication(create_backend_app)


def _environ(request: Request) -> dict[str, Any]:
    host, _, port = request.headers.get("host", "127.0.0.1").partition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path.encode().decode("latin-1"),
        "RAW_URI": request.raw_path,
        "QUERY_STRING": request.scope.get("query_string", b"").decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": port or "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        if name not in {"content-type", "content-length"}:
            environ["HTTP_" + name.upper().replace("-", "_")] = value
    return environ


def _reason(page: bytes) -> str:
    """The text of moto's error page."""
    text = re.sub(r"<[^>]+>", " ", page.decode("utf-8", "replace"))
    found = re.search(r"ImplementedError: ?([^\n]*)", text)
    return f"the local AWS does not answer this: {found[1].strip() if found else ' '.join(text.split())[:200]}"
