"""2,000 items through each shape of endpoint, before that 200 through one: in this order, on one local cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.item_tracker import ItemTracker, Wave

if TYPE_CHECKING:
    from tests.e2e.cloud import Cloud, Copy


@pytest.mark.parametrize(
    ("shape", "good", "poison"),
    [
        pytest.param("serverless", 190, 10, id="serverless-200"),
        *(
            pytest.param(shape, 1_980, 20, id=f"{shape}-2000", marks=pytest.mark.long)
            for shape in ("instance", "async", "serverless")
        ),
    ],
)
def test_each_good_item_has_one_result_and_each_poison_message_is_set_aside(
    cloud: Cloud, copy: Copy, shape: str, good: int, poison: int
) -> None:
    """Each once, and with the reason in the log; the queue is empty, and nothing else is set aside."""
    copy.up(pack=False, endpointShape=shape)
    tracker, wave = ItemTracker(cloud, copy.outputs()), Wave.of(f"{shape}-{good}", good, poison)
    tracker.send(wave.messages())
    tracker.wait_until_settled(wave)
    assert (tracker.problems(wave), tracker.waiting()) == ([], 0)
    aside = tracker.dead_letters()
    assert sorted(body for _, body in aside) == sorted(wave.poison)
    reasons = {line["messageId"]: line["reason"] for line in tracker.log() if line["message"] == "message is set aside"}
    assert {body: reasons[message] for message, body in aside} == wave.poison
