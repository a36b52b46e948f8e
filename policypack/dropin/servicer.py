"""The analyzer that runs pulumi_policy policies."""
# ruff: noqa: N802, ARG002 - the methods are named, and called, as the protocol has it

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, plugin_pb2
from pulumi.runtime.proto.analyzer_pb2_grpc import AnalyzerServicer
from pulumi_policy import EnforcementLevel, Policy, ResourceValidationPolicy, StackValidationArgs, StackValidationPolicy
from pulumi_policy import version as pulumi_policy_version
from pulumi_policy.proxy import UnknownValueError

from policypack.dropin import answers, info
from policypack.dropin.configuration import Configuration
from policypack.dropin.remediation import Remediation
from policypack.dropin.running import NotApplicableError, configure_runtime, finished
from policypack.dropin.subjects import StackSubjects, Subject

if TYPE_CHECKING:
    from collections.abc import Mapping


class Servicer(AnalyzerServicer):
    """Answers the engine as pulumi_policy's server does, and goes on where a policy ends the process."""

    def __init__(
        self,
        name: str,
        policies: list[Policy],
        *,
        enforcement_level: EnforcementLevel = EnforcementLevel.ADVISORY,
        initial_config: Mapping[str, EnforcementLevel | dict[str, Any]] | None = None,
        texts: Mapping[str, str | None] | None = None,
        tags: list[str] | None = None,
    ) -> None:
        """Serve these policies. `texts` are the pack's other fields of AnalyzerInfo by name."""
        self._name = name
        self._policies = policies
        self._of_resources = [policy for policy in policies if isinstance(policy, ResourceValidationPolicy)]
        self._of_stacks = [policy for policy in policies if isinstance(policy, StackValidationPolicy)]
        self._default_level = enforcement_level
        self._initial_config = initial_config or {}
        self._texts = texts or {}
        self._tags = tags
        self._answers = answers.Answers(name)
        self._configuration = Configuration(enforcement_level)
        self._stack_tags: Mapping[str, str] = MappingProxyType({})

    def Handshake(self, request: Any, context: Any) -> analyzer_pb2.AnalyzerHandshakeResponse:
        """Greet the engine; nothing of what it tells is needed."""
        return analyzer_pb2.AnalyzerHandshakeResponse()

    def GetAnalyzerInfo(self, request: Any, context: Any) -> analyzer_pb2.AnalyzerInfo:
        """Describe the pack and its policies."""
        told = info.pack(self._name, answers.VERSION, self._texts, self._tags)
        for key, value in self._initial_config.items():
            told.initialConfig[key].CopyFrom(info.config(value))
        told.policies.extend([info.policy(policy, self._default_level) for policy in self._policies])
        return told

    def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:
        """Name the version of pulumi_policy whose behaviour this is."""
        return plugin_pb2.PluginInfo(version=pulumi_policy_version.VERSION)

    def Configure(self, request: analyzer_pb2.ConfigureAnalyzerRequest, context: Any) -> empty_pb2.Empty:
        """Take levels and properties for policies by name."""
        self._configuration = Configuration(self._default_level, request)
        return empty_pb2.Empty()

    def ConfigureStack(
        self, request: analyzer_pb2.AnalyzerStackConfigureRequest, context: Any
    ) -> analyzer_pb2.AnalyzerStackConfigureResponse:
        """Take the stack's tags."""
        self._stack_tags = MappingProxyType(dict(request.tags))
        return analyzer_pb2.AnalyzerStackConfigureResponse()

    def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:
        """Acknowledge that the engine stops; its interrupt ends this process."""
        return empty_pb2.Empty()

    def Analyze(self, request: analyzer_pb2.AnalyzeRequest, context: Any) -> analyzer_pb2.AnalyzeResponse:
        """Run every resource policy on one resource."""
        configure_runtime()
        response = analyzer_pb2.AnalyzeResponse()
        subject = Subject(request)
        configuration, tags = self._configuration, self._stack_tags
        for policy in self._of_resources:
            level = configuration.level(policy)
            if level is EnforcementLevel.DISABLED:
                continue
            if not policy.has_validation():
                answers.not_applicable(policy, "Policy does not implement validate", response)
                continue
            self._run(policy, subject.arguments(configuration.properties(policy), tags), level, response)
        return response

    def AnalyzeStack(self, request: analyzer_pb2.AnalyzeStackRequest, context: Any) -> analyzer_pb2.AnalyzeResponse:
        """Run every stack policy on the stack."""
        configure_runtime()
        response = analyzer_pb2.AnalyzeResponse()
        subjects = StackSubjects(request.resources)
        for policy in self._of_stacks:
            level = self._configuration.level(policy)
            if level is EnforcementLevel.DISABLED:
                continue
            config = self._configuration.properties(policy)
            self._run(policy, StackValidationArgs(subjects.resources(), config, self._stack_tags), level, response)
        return response

    def Remediate(self, request: analyzer_pb2.AnalyzeRequest, context: Any) -> analyzer_pb2.RemediateResponse:
        """Let every policy at level `remediate` change one resource, each after the one before."""
        configure_runtime()
        response = analyzer_pb2.RemediateResponse()
        remediation: Remediation | None = None
        for policy in self._of_resources:
            if self._configuration.level(policy) is not EnforcementLevel.REMEDIATE:
                continue
            if not policy.has_remediation():
                answers.not_applicable(policy, "Policy does not implement remediate", response)
                continue
            remediation = remediation or Remediation(request, self._stack_tags)
            self._remediate(policy, remediation, response)
        return response

    def _run(
        self,
        policy: ResourceValidationPolicy | StackValidationPolicy,
        arguments: Any,
        level: EnforcementLevel,
        response: analyzer_pb2.AnalyzeResponse,
    ) -> None:
        """Run one policy. What it reported before it stopped is kept."""
        if level is EnforcementLevel.REMEDIATE:
            level = EnforcementLevel.MANDATORY  # what remediations left as it was
        try:
            finished(policy.validate(arguments, self._answers.reporter(policy, level, response)))
        except UnknownValueError as error:
            self._answers.unknown(policy, error, response)
        except NotApplicableError as error:
            answers.not_applicable(policy, getattr(error, "reason", None), response)
        except Exception:
            raise  # the engine is told, and the whole answer is lost: as pulumi_policy has it
        except BaseException as error:  # noqa: BLE001 - sys.exit would leave the engine waiting for ever
            self._answers.ended(policy, level, error, response)

    def _remediate(
        self, policy: ResourceValidationPolicy, remediation: Remediation, response: analyzer_pb2.RemediateResponse
    ) -> None:
        try:
            properties = remediation.run(policy, self._configuration.properties(policy))
            self._answers.remediated(policy, properties, response)
        except UnknownValueError as error:
            self._answers.remediation_unknown(policy, error, response)
        except NotApplicableError as error:
            answers.not_applicable(policy, getattr(error, "reason", None), response)
        except Exception:
            raise  # the same
        except BaseException as error:  # noqa: BLE001 - the same
            self._answers.remediation_ended(policy, error, response)
