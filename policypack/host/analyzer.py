"""The analyzer that the engine talks to: our rules, judged as resources register and over the whole stack."""

from __future__ import annotations

import datetime as dt
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc, plugin_pb2

from policypack.host import information
from policypack.host.answers import WIRE_LEVELS, response
from policypack.host.remediation import remediate
from policypack.host.resources import WireResource
from policypack.host.wire import decode
from policypack.judge.run import Run
from policypack.judge.settings import ConfigurationError, Configured, Settings
from policypack.judge.stack_judge import StackJudge
from policypack.judge.waivers import STACK_KEY, Source, Waivers
from policypack.report.writer import ReportWriter

if TYPE_CHECKING:
    from policypack.rule_pack import Pack

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
        self._judge: StackJudge | None = None
        self._reports = ReportWriter()

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
            self._judge = None
        return analyzer_pb2.AnalyzerStackConfigureResponse()

    def Configure(self, request: Any, context: Any) -> empty_pb2.Empty:
        """Levels and options. What is wrong with them stops the run, in one line."""
        settings = Settings(self._pack)
        given = {
            name: Configured(
                WIRE_LEVELS.get(config.enforcementLevel, int(config.enforcementLevel)), decode(config.properties)
            )
            for name, config in request.policyConfig.items()
        }
        try:
            settings.configure(given)
        except ConfigurationError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        with self._lock:
            self._settings, self._judge = settings, None
        return empty_pb2.Empty()

    def Remediate(self, request: Any, context: Any) -> analyzer_pb2.RemediateResponse:
        """Change a resource's inputs, for the rules that are configured to."""
        with self._lock:
            judge = self._begun()
            rules = judge.rules.remedies(request.type)
            return remediate(self._pack, rules, request, self._settings.options, judge.waived)

    def Analyze(self, request: Any, context: Any) -> analyzer_pb2.AnalyzeResponse:
        """Judge one resource before it is created, and the early rules that it completes a fault of."""
        with self._lock:
            judge = self._begun()
            judge.note_inputs(request.urn, request.properties.fields)
            if not judge.rules.concern(request.type):
                return _EMPTY
            diagnostics = judge.registered(WireResource(request, secrets=judge.secrets))
            if judge.stopped and not self._run.preview:
                self._reports.write_soon(judge)  # there may be no pass over the stack
            return response(self._pack, diagnostics, self._reports.where)

    def AnalyzeStack(self, request: Any, context: Any) -> analyzer_pb2.AnalyzeResponse:
        """Judge the whole stack, and say what is undecided and which waivers are out of order."""
        with self._lock:
            judge = self._begun()
            judge.judge_stack(
                WireResource(each, judge.inputs_of(each.urn), judge.secrets) for each in request.resources
            )
            self._reports.write(judge)
            answer = response(self._pack, judge.conclude(self._reports.problem), self._reports.where)
            answer.not_applicable.extend(
                analyzer_pb2.PolicyNotApplicable(policy_name=rule.id, reason="the stack has no resource of its types")
                for rule in judge.without_subject()
            )
            return answer

    def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:
        """The engine ends this process next."""
        self.leave()
        return empty_pb2.Empty()

    def leave(self) -> None:
        """Write the report that was postponed, if any. Does not wait for a call in flight."""
        self._reports.flush()

    def _begun(self) -> StackJudge:
        if self._judge is None:
            waivers = Waivers(
                frozenset(rule.id for rule in self._pack.rules), self._today, frozenset(self._settings.no_waivers)
            )
            waivers.read(self._settings.waivers, Source.PACK)
            if self._stack_waivers:
                waivers.read_text(self._stack_waivers, Source.STACK)
            self._reports = ReportWriter()
            self._judge = StackJudge(self._pack, self._settings, waivers, self._run)
        return self._judge
