"""Mermaid pictures of a stack, or of some of its components."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.architecture.integrations import integrations_of
from policypack.architecture.stages import processing_order, stages_of
from tools.docs.boxes import boxes_of, frames_of
from tools.docs.mermaid import flowchart
from tools.docs.network import network_boxes, network_paths

if TYPE_CHECKING:
    from collections.abc import Container

    from policypack.model import Stack


def picture(stack: Stack, only: Container[str] | None = None) -> str:
    """The stages and integrations of a stack. only: the names of the components to draw; None for all."""
    boxes, integrations = boxes_of(stack), integrations_of(stack)
    positions = processing_order(stages_of(stack), integrations)
    frames = [frame for frame in frames_of(stack, boxes, positions) if only is None or frame.name in only]
    return flowchart(frames, sorted(integrations, key=lambda each: (positions[each.source], positions[each.target])))


def network_picture(stack: Stack) -> str:
    """The security groups and VPC endpoints of a network, and the traffic that they allow."""
    boxes, paths = network_boxes(stack), network_paths(stack)
    positions = {box.urn: position for position, box in enumerate(boxes)}
    return flowchart(frames_of(stack, boxes, positions), paths)
