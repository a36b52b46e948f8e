"""A picture of a stack, or of some of its components."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.docs.flows import edges_of
from tools.docs.graph import groups_of, in_order
from tools.docs.mermaid import flowchart
from tools.docs.network import ways_of, within
from tools.docs.nodes import nodes_of

if TYPE_CHECKING:
    from collections.abc import Container

    from policypack.model import Stack


def picture(stack: Stack, only: Container[str] | None = None) -> str:
    """Mermaid text. only: the names of the components that are drawn; None for all."""
    nodes, edges = nodes_of(stack), edges_of(stack)
    places = in_order(nodes, edges)
    groups = [group for group in groups_of(stack, nodes, places) if only is None or group.name in only]
    return flowchart(groups, sorted(edges, key=lambda edge: (places[edge.source], places[edge.target])))


def network_picture(stack: Stack) -> str:
    """Mermaid text of the ways that lead out of the network, from who is in it."""
    nodes, edges = within(stack), ways_of(stack)
    order = {node.urn: at for at, node in enumerate(nodes)}
    return flowchart(groups_of(stack, nodes, order), edges)
