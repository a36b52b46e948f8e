"""The calls to AWS that a program can make: its modules are read until nothing new is learnt of it."""

from __future__ import annotations

import ast
import sys
import warnings
from typing import Final

from policypack.code.analysis_state import (
    SAFE_LIBRARIES,
    UNSAFE_MODULES,
    Calls,
    Scope,
    State,
    external,
    names_bound,
)
from policypack.code.annotations import meant
from policypack.code.source import Code, OutOfReachError, UnreadableError
from policypack.code.statements import Statements
from policypack.code.values import FOREIGN, OPAQUE, Kind, Values, carries, one

_MOST_TIMES: Final = 25  # a value travels one call further each time
_MOST_MODULES: Final = 200
_MOST_NODES: Final = 60_000
_UNSAFE_PARTS: Final = ("parameters", "idempotency", "feature_flags", "data_masking")  # of Powertools: call AWS
_BOTOCORE: Final = frozenset(("config", "exceptions", "response", "client", "stub", "errorfactory"))
_SESSIONS: Final = frozenset(("Session", "get_session"))


def calls_of(code: Code, handler: str) -> Calls | None:
    """The calls of a function whose handler is `module.function`, as Lambda writes it.

    Follows what is imported, from the handler's module on, within the archive. None where that module is empty, a
    placeholder for code that is deployed in another way, and where the code is out of reach: no value is to come that
    would tell.
    """
    reading = _Reading(code)
    try:
        return reading.all(handler.rpartition(".")[0].replace("/", "."))
    except OutOfReachError:
        return None
    except (UnreadableError, SyntaxError, ValueError, RecursionError, MemoryError) as error:
        at = f"{reading.reading}: {error}" if isinstance(error, SyntaxError | RecursionError) else str(error)
        return Calls({}, at.splitlines()[0] if at else reading.reading)


class _Reading(Statements):
    """Reads modules, and those that they import."""

    def __init__(self, code: Code) -> None:
        super().__init__(State())
        self._code = code
        self._modules: dict[str, tuple[ast.Module, Scope] | None] = {}
        self._nodes = 0
        self.reading = ""

    def all(self, module: str) -> Calls | None:
        """What there is once nothing is learnt any more; then once more with what annotations say."""
        if not self._find(module):
            raise UnreadableError(f"{module} is not in the archive")
        found = self._modules[module]
        if found is None or not found[0].body:
            return None
        for annotated in (False, True):
            for _ in range(_MOST_TIMES):
                self.state.changed, self.state.calls = False, Calls({})
                for known in list(self._modules.values()):
                    if known is not None:
                        self.run(known[0].body, known[1])
                if annotated:
                    self._annotate()
                if not self.state.changed:
                    break
            else:
                raise UnreadableError(f"{module}: values go too far")
        return self.state.calls

    def _annotate(self) -> None:
        """Parameters and fields that get nothing of AWS's in the archive are what their annotation says."""
        for slot, (annotation, scope) in self.state.annotated.items():
            known = self.state.load(slot)
            if not (carries(known) or known & FOREIGN):
                self.state.add(slot, meant(annotation, scope, self.state))

    def _find(self, name: str) -> bool:
        """Whether the archive has a module; it is read then."""
        if name not in self._modules:
            path = name.replace(".", "/")
            for place in (f"{path}.py", f"{path}/__init__.py"):
                text = self._code.read(place)
                if text is not None:
                    self.reading = place
                    self._modules[name] = self._parsed(name, place, text)
                    self.state.add(("module", name), OPAQUE)
                    break
            else:
                self._modules[name] = None
        return self._modules[name] is not None

    def _package(self, name: str) -> None:
        """See to it that a module which has others in it is known, though it has no file of its own."""
        if not self._find(name):
            self._modules[name] = ast.Module([], []), Scope(f"{name}.", name, None, frozenset(), path=name)
            self.state.add(("module", name), OPAQUE)

    def _parsed(self, name: str, place: str, text: str) -> tuple[ast.Module, Scope]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
        self._nodes += sum(1 for _ in ast.walk(tree))
        if self._nodes > _MOST_NODES or len(self._modules) >= _MOST_MODULES:
            raise UnreadableError(f"{place}: there is too much code")
        package = place.endswith("/__init__.py")
        names = names_bound(tree.body) | {"__package__"}
        scope = Scope(f"{name}." if package else name, name, None, names, path=place)
        return tree, scope

    def load(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                values = self._imported(alias.name, node, scope)
                if alias.asname is None and "." in alias.name:
                    values = self._imported(alias.name.partition(".")[0], node, scope)
                self.store(ast.Name(alias.asname or alias.name.partition(".")[0], ast.Store()), values, scope)
            return
        origin = _absolute(node, scope)
        if origin and not self._find(origin) and any(self._find(f"{origin}.{alias.name}") for alias in node.names):
            self._package(origin)
        module = self._imported(origin, node, scope, {alias.name for alias in node.names})
        for alias in node.names:
            if alias.name == "*":
                if any(value.kind in {Kind.MODULE, Kind.BOTO} for value in module):
                    self.state.give_up(scope, node)
                continue
            name = ast.Name(alias.asname or alias.name, ast.Store())
            if any(value.kind is Kind.MODULE for value in module):
                self._find(f"{origin}.{alias.name}")
            part = ast.Attribute(ast.Name("", ast.Load()), alias.name, ast.Load(), lineno=node.lineno)
            for value in module:
                self.store(name, self.of(value, part, scope), scope)

    def _imported(self, name: str, node: ast.AST, scope: Scope, parts: set[str] | None = None) -> Values:
        """A module: of the archive, of boto3, or another, of which it must be known that it calls nothing."""
        steps = name.split(".")
        root = steps[0]
        if name and self._find(name):
            for at in range(1, len(steps)):
                self._package(".".join(steps[:at]))
            return one(Kind.MODULE, name)
        if root == "boto3":
            of = {"boto3.session": "boto3.session"}.get(name, "boto3")
            return one(Kind.BOTO, of) if name in {"boto3", "boto3.session"} else external(name)
        if name == "botocore.session" and parts and parts <= _SESSIONS:
            return one(Kind.BOTO, name)
        if not scope.typing and not _harmless(name, parts or set()):
            self.state.give_up(scope, node)
        return external(name)


def _harmless(name: str, parts: set[str]) -> bool:
    """Whether a module from outside the archive certainly calls nothing of AWS's that is not seen here."""
    root, _, rest = name.partition(".")
    if root == "botocore":
        return ({rest} if rest else parts) <= _BOTOCORE
    if root == "aws_lambda_powertools":
        return not any(part in _UNSAFE_PARTS for part in (*name.split("."), *parts))
    if root in sys.stdlib_module_names:
        return root not in UNSAFE_MODULES
    return root in SAFE_LIBRARIES or root.startswith(("mypy_boto3_", "types_boto3_"))


def _absolute(node: ast.ImportFrom, scope: Scope) -> str:
    if not node.level:
        return node.module or ""
    package = scope.module.split(".")[: -node.level]
    return ".".join((*package, node.module or "")).strip(".")
