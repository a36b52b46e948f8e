"""The analyzer that the engine talks to: our rules, judged as resources register and over the whole stack."""

from __future__ import annotations

import datetime as dt
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc, plugin_pb2

from policypack.host import information
from policypack.host.remediating import remediate
from policypack.judge.ledger import Run
from policypack.judge.run import Judging
from policypack.judge.settings import ConfigurationError, Settings
from policypack.judge.waivers import STACK_KEY, Source, Waivers
from policypack.report.writer import Reports

if TYPE_CHECKING:
    from policypack.pack import Pack

_EMPTY: Final = analyzer_pb2.AnalyzeResponse()


class Analyzer(analyzer_pb2_grpc.AnalyzerServicer):
    """One pack, for one run of the engine. Calls are answered one at a time: verdicts build on each other."""

    def __init__(self, pack: Pack, today: dt.date | None = None) -> None:
        self._pack = pack
        self._today = today or dt.datetime.now(dt.UTC).date()
        self._settings = Settings(pack)
        self._run = Run()
        self._stack_waivers = ""
        self._lock = Lock()
        self._judging: Judging | None = None
        self._reports = Reports()

    def Handshake(self, request: Any, context: Any) -> analyzer_pb2.AnalyzerHandshakeResponse:
        """The engine introduces itself; nothing is needed from it."""
        return analyzer_pb2.AnalyzerHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:
        """The version of the pack."""
        return plugin_pb2.PluginInfo(version=self._pack.version)

    def GetAnalyzerInfo(self, request: Any, context: Any) -> analyzer_pb2.AnalyzerInfo:
        """Every rule with its defaults and the schema of its options."""
        return information.describe(self._pack)

    def ConfigureStack(self, request: Any, context: Any) -> analyzer_pb2.AnalyzerStackConfigureResponse:
        """A run begins: which stack it is, whether it is a preview, and the stack's own waivers."""
        with self._lock:
            self._run = Run(
                organization=request.organization,
                project=request.project,
                stack=request.stack,
                preview=request.dry_run,
                tags=dict(request.tags),
            )
            self._stack_waivers = request.config.get(STACK_KEY, "")
            self._judging = None
        return analyzer_pb2.AnalyzerStackConfigureResponse()

    def Configure(self, request: Any, context: Any) -> empty_pb2.Empty:
        """Levels and options. What is wrong with them stops the run, in one line."""
        settings = Settings(self._pack)
        try:
            settings.configure(request.policyConfig)
        except ConfigurationError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        with self._lock:
            self._settings, self._judging = settings, None
        return empty_pb2.Empty()

    def Remediate(self, request: Any, context: Any) -> analyzer_pb2.RemediateResponse:
        """Mend a resource's inputs, for the rules that are configured to."""
        with self._lock:
            judging = self._begun()
            rules = judging.remedies(request.type)
            return remediate(self._pack, rules, request, self._settings.options, judging.waived)

    def Analyze(self, request: Any, context: Any) -> analyzer_pb2.AnalyzeResponse:
        """Judge one resource before it is created, and the early rules that it completes a fault of."""
        with self._lock:
            judging = self._begun()
            judging.note(request)
            if not judging.concerns(request.type):
                return _EMPTY
            answer = judging.registered(request, self._reports.where)
            if judging.stopped and not self._run.preview:
                self._reports.write_soon(judging.report)  # there may be no pass over the stack
            return answer

    def AnalyzeStack(self, request: Any, context: Any) -> analyzer_pb2.AnalyzeResponse:
        """Judge the whole stack, and say what is undecided and which waivers are out of order."""
        with self._lock:
            judging = self._begun()
            judging.stack(request.resources)
            self._reports.write(judging.report)
            return judging.conclude(self._reports)

    def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:
        """The engine ends this process next."""
        self.leave()
        return empty_pb2.Empty()

    def leave(self) -> None:
        """Write the report that was held back, if any. Does not wait for a call in flight."""
        self._reports.flush()

    def _begun(self) -> Judging:
        if self._judging is None:
            waivers = Waivers(
                frozenset(rule.id for rule in self._pack.rules), self._today, frozenset(self._settings.no_waivers)
            )
            waivers.read(self._settings.waivers, Source.PACK)
            if self._stack_waivers:
                waivers.read_text(self._stack_waivers, Source.STACK)
            self._reports = Reports()
            self._judging = Judging(self._pack, self._settings, waivers, self._run)
        return self._judging
