"""2,000 items through each shape of endpoint, one in a hundred of them poison: in this order, on one local cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.item_tracker import ItemTracker, Wave

if TYPE_CHECKING:
    from tests.e2e.cloud import Cloud, Copy

GOOD, POISON = 1_980, 20


@pytest.mark.parametrize("shape", ["instance", "async", "serverless"])
def test_each_good_item_has_one_result_and_each_poison_message_is_set_aside(
    cloud: Cloud, copy: Copy, shape: str
) -> None:
    """Each once, and with the reason in the log; the queue is empty, and nothing else is set aside."""
    copy.up(endpointShape=shape)
    tracker, wave = ItemTracker(cloud, copy.outputs()), Wave.of(shape, GOOD, POISON)
    tracker.send(wave.messages())
    tracker.wait_until_settled(wave)
    assert (tracker.problems(wave), tracker.waiting()) == ([], 0)
    aside = tracker.dead_letters()
    assert sorted(body for _, body in aside) == sorted(wave.poison)
    reasons = {line["messageId"]: line["reason"] for line in tracker.log() if line["message"] == "message is set aside"}
    assert {body: reasons[message] for message, body in aside} == wave.poison
