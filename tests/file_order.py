"""The order in which files of tests are run."""

from __future__ import annotations

from typing import Final

import pytest

from localcloud.checkout import ROOT

LONGEST_FIRST: Final = (
    "tests/e2e/test_shapes.py",
    "tests/e2e/test_main_job.py",
    "tests/e2e/test_ingresses.py",
    "tests/lambda_src/worker/test_submit_and_collect.py",
    "tests/e2e/test_faults.py",
    "tests/e2e/test_least_roles_async.py",
    "tests/template/test_new.py",
    "tests/policypack/host/test_engine.py",
    "tests/localcloud/provider/test_engine.py",
    "tests/reference_stack/test_under_the_pack.py",
    "tests/localcloud/engine/test_real_engine.py",
    "tests/e2e/test_least_roles_instance.py",
    "tests/lambda_src/worker/test_predict.py",
    "tests/e2e/test_deployed_worker.py",
    "tests/template/test_stack_reference.py",
    "tests/e2e/test_two_thousand_items.py",
)
"""The workers of xdist get whole files in this order, then all others: a long file that came last would keep one worker
busy while the others have nothing left to do. `make test` prints the slowest tests, by which to correct this list.
"""


@pytest.hookimpl(trylast=True)  # after pytest has grouped the tests by their fixtures
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files of LONGEST_FIRST first; the order within a file, and of all other files, stays."""
    rank = {ROOT / name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))
