"""Find the AWS operations that a program may call, by evaluating its modules until a fixed point is reached."""

from __future__ import annotations

import ast
import sys
import warnings
from typing import Final

from policypack.code.analysis_state import (
    SAFE_LIBRARIES,
    UNSAFE_MODULES,
    AnalysisState,
    AwsCalls,
    Scope,
    bound_names,
    external_value,
)
from policypack.code.annotations import values_from_annotation
from policypack.code.code_archive import CodeArchive, UnavailableCodeError, UnreadableCodeError
from policypack.code.statements import StatementEvaluator
from policypack.code.values import OPAQUE, OTHER_CREDENTIALS, ValueKind, Values, contains_aws_object, single

_MAX_PASSES: Final = 25  # each pass propagates a value through one more call
_MAX_MODULES: Final = 200
_MAX_NODES: Final = 60_000
_UNSAFE_POWERTOOLS: Final = (
    "parameters",
    "idempotency",
    "feature_flags",
    "data_masking",
)  # they call AWS
_SAFE_BOTOCORE_MODULES: Final = frozenset(("config", "exceptions", "response", "client", "stub", "errorfactory"))
_BOTOCORE_SESSION_NAMES: Final = frozenset(("Session", "get_session"))


def find_aws_calls(code: CodeArchive, handler: str) -> AwsCalls | None:
    """The AWS operations that a Lambda function may call. `handler` is written as `module.function`.

    The handler's module and the modules of the archive that it imports are analyzed. Returns None if the handler's
    module is empty (a placeholder for code that is deployed separately), or if the code is not available here.
    """
    reading = _ProgramAnalysis(code)
    try:
        return reading.run_to_fixpoint(handler.rpartition(".")[0].replace("/", "."))
    except UnavailableCodeError:
        return None
    except (UnreadableCodeError, SyntaxError, ValueError, RecursionError, MemoryError) as error:
        at = f"{reading.current_file}: {error}" if isinstance(error, SyntaxError | RecursionError) else str(error)
        return AwsCalls({}, at.splitlines()[0] if at else reading.current_file)


class _ProgramAnalysis(StatementEvaluator):
    """Evaluates a module and the modules of the archive that it imports."""

    def __init__(self, code: CodeArchive) -> None:
        super().__init__(AnalysisState())
        self._code = code
        self._modules: dict[str, tuple[ast.Module, Scope] | None] = {}
        self._node_count = 0
        self.current_file = ""

    def run_to_fixpoint(self, module: str) -> AwsCalls | None:
        """Evaluate until nothing is added, first without and then with type annotations. Returns the calls found."""
        if not self._load_module(module):
            raise UnreadableCodeError(f"{module} is not in the archive")
        found = self._modules[module]
        if found is None or not found[0].body:
            return None
        for annotated in (False, True):
            for _ in range(_MAX_PASSES):
                self.state.changed, self.state.calls = False, AwsCalls({})
                for known in list(self._modules.values()):
                    if known is not None:
                        self.execute(known[0].body, known[1])
                if annotated:
                    self._apply_annotations()
                if not self.state.changed:
                    break
            else:
                raise UnreadableCodeError(f"{module}: the analysis does not reach a fixed point")
        return self.state.calls

    def _apply_annotations(self) -> None:
        """Give parameters and fields without a known boto3 object the boto3 object of their annotation."""
        for variable, (annotation, scope) in self.state.annotations.items():
            known = self.state.get(variable)
            if not (contains_aws_object(known) or known & OTHER_CREDENTIALS):
                self.state.add(variable, values_from_annotation(annotation, scope, self.state))

    def _load_module(self, name: str) -> bool:
        """Whether the archive contains a module. It is parsed the first time."""
        if name not in self._modules:
            path = name.replace(".", "/")
            for place in (f"{path}.py", f"{path}/__init__.py"):
                text = self._code.read(place)
                if text is not None:
                    self.current_file = place
                    self._modules[name] = self._parse_module(name, place, text)
                    self.state.add(("module", name), OPAQUE)
                    break
            else:
                self._modules[name] = None
        return self._modules[name] is not None

    def _load_package(self, name: str) -> None:
        """Make sure that a package is known, even if it has no file of its own (a namespace package)."""
        if not self._load_module(name):
            self._modules[name] = ast.Module([], []), Scope(f"{name}.", name, None, frozenset(), path=name)
            self.state.add(("module", name), OPAQUE)

    def _parse_module(self, name: str, place: str, text: str) -> tuple[ast.Module, Scope]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
        self._node_count += sum(1 for _ in ast.walk(tree))
        if self._node_count > _MAX_NODES or len(self._modules) >= _MAX_MODULES:
            raise UnreadableCodeError(f"{place}: the program has too much code to analyze")
        package = place.endswith("/__init__.py")
        names = bound_names(tree.body) | {"__package__"}
        scope = Scope(f"{name}." if package else name, name, None, names, path=place)
        return tree, scope

    def import_module(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                values = self._imported_values(alias.name, node, scope)
                if alias.asname is None and "." in alias.name:
                    values = self._imported_values(alias.name.partition(".")[0], node, scope)
                self.assign(ast.Name(alias.asname or alias.name.partition(".")[0], ast.Store()), values, scope)
            return
        origin = _absolute_module_name(node, scope)
        if (
            origin
            and not self._load_module(origin)
            and any(self._load_module(f"{origin}.{alias.name}") for alias in node.names)
        ):
            self._load_package(origin)
        module = self._imported_values(origin, node, scope, {alias.name for alias in node.names})
        for alias in node.names:
            if alias.name == "*":
                if any(value.kind in {ValueKind.MODULE, ValueKind.BOTO} for value in module):
                    self.state.mark_unresolved(scope, node)
                continue
            name = ast.Name(alias.asname or alias.name, ast.Store())
            if any(value.kind is ValueKind.MODULE for value in module):
                self._load_module(f"{origin}.{alias.name}")
            part = ast.Attribute(ast.Name("", ast.Load()), alias.name, ast.Load(), lineno=node.lineno)
            for value in module:
                self.assign(name, self.attribute_of(value, part, scope), scope)

    def _imported_values(self, name: str, node: ast.AST, scope: Scope, parts: set[str] | None = None) -> Values:
        """The value of an imported module. Its calls are unresolved unless it is in the archive, boto3 or safe."""
        steps = name.split(".")
        root = steps[0]
        if name and self._load_module(name):
            for at in range(1, len(steps)):
                self._load_package(".".join(steps[:at]))
            return single(ValueKind.MODULE, name)
        if root == "boto3":
            of = {"boto3.session": "boto3.session"}.get(name, "boto3")
            return single(ValueKind.BOTO, of) if name in {"boto3", "boto3.session"} else external_value(name)
        if name == "botocore.session" and parts and parts <= _BOTOCORE_SESSION_NAMES:
            return single(ValueKind.BOTO, name)
        if not scope.type_checking_only and not _makes_no_aws_calls(name, parts or set()):
            self.state.mark_unresolved(scope, node)
        return external_value(name)


def _makes_no_aws_calls(name: str, parts: set[str]) -> bool:
    """Whether a module from outside the archive certainly makes no calls to AWS of its own."""
    root, _, rest = name.partition(".")
    if root == "botocore":
        return ({rest} if rest else parts) <= _SAFE_BOTOCORE_MODULES
    if root == "aws_lambda_powertools":
        return not any(part in _UNSAFE_POWERTOOLS for part in (*name.split("."), *parts))
    if root in sys.stdlib_module_names:
        return root not in UNSAFE_MODULES
    return root in SAFE_LIBRARIES or root.startswith(("mypy_boto3_", "types_boto3_"))


def _absolute_module_name(node: ast.ImportFrom, scope: Scope) -> str:
    if not node.level:
        return node.module or ""
    package = scope.module.split(".")[: -node.level]
    return ".".join((*package, node.module or "")).strip(".")
