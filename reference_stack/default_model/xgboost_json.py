"""XGBoost's JSON model format, which later versions can load.

https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html and its schema, doc/model.schema.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from default_model.boosting import Node

VERSION: Final = (1, 7, 6)
"""This version can be loaded by XGBoost 1.5, which is in SageMaker's container 1.5-1, and all later ones up to 3.2.

XGBoost 1.5 needs booleans in `default_left`, and later versions warn about documents of versions before 1.6.
"""
NO_PARENT: Final = 2_147_483_647
LEAF: Final = -1


def document(trees: Sequence[Node], features: int) -> dict[str, Any]:
    """The model of `binary:logistic` trees."""
    return {
        "learner": {
            "attributes": {},
            "feature_names": [],
            "feature_types": [],
            "gradient_booster": {
                "model": {
                    "gbtree_model_param": {
                        "num_parallel_tree": "1",
                        "num_trees": str(len(trees)),
                        "size_leaf_vector": "0",
                    },
                    "tree_info": [0] * len(trees),
                    "trees": [_tree(at, root, features) for at, root in enumerate(trees)],
                },
                "name": "gbtree",
            },
            "learner_model_param": {
                "base_score": "5E-1",
                "num_class": "0",
                "num_feature": str(features),
                "num_target": "1",
            },
            "objective": {"name": "binary:logistic", "reg_loss_param": {"scale_pos_weight": "1"}},
        },
        "version": list(VERSION),
    }


def _tree(at: int, root: Node, features: int) -> dict[str, Any]:
    """A tree as columns, one row per node; children come after their parents."""
    nodes, parents = [root], [NO_PARENT]
    for index, node in enumerate(nodes):
        nodes.extend(node.children)
        parents.extend([index] * len(node.children))
    left = list(_left_children(nodes))
    return {
        "base_weights": [node.value for node in nodes],
        "categories": [],
        "categories_nodes": [],
        "categories_segments": [],
        "categories_sizes": [],
        "default_left": [bool(node.children) for node in nodes],
        "id": at,
        "left_children": left,
        "loss_changes": [node.gain for node in nodes],
        "parents": parents,
        "right_children": [child if child == LEAF else child + 1 for child in left],
        "split_conditions": [node.threshold if node.children else node.value for node in nodes],
        "split_indices": [max(node.feature, 0) for node in nodes],
        "split_type": [0] * len(nodes),
        "sum_hessian": [node.weight for node in nodes],
        "tree_param": {
            "num_deleted": "0",
            "num_feature": str(features),
            "num_nodes": str(len(nodes)),
            "size_leaf_vector": "0",
        },
    }


def _left_children(nodes: Sequence[Node]) -> Iterator[int]:
    following = 1
    for node in nodes:
        yield following if node.children else LEAF
        following += len(node.children)
