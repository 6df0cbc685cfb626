"""The second layer's model: small networks on a sentence vector, and the nearest examples; plain arrays and numpy.

Danger is the mean of nine networks that differ in their random start: on few thousand examples each alone is moody.
The kind of danger comes from another, whether it happens now from a linear model. To each is added how much nearer a
message lies to examples that are so than to those that are not: the networks know the lie of the land, the neighbours
what has been seen there.
"""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from bot.conversation.messages import Opinion
from bot.safety.examples import NOW, ORDINARY

NEAR_DANGER, NEAR_KIND, NEAR_NOW = 40.0, 40.0, 20.0
"""What a likeness (a cosine) counts in log odds, chosen on data/safety/heldout."""
FEW = 3
"""How many of the nearest examples of a kind are looked at."""


class Neighbours(msgspec.Struct, frozen=True):
    """The examples a message is held against.

    Attributes:
        mean, axes: bring a sentence vector (384) to the main axes of all examples (128).
        places: unit vectors of the examples, ordered by label.
        labels: the labels, in that order: `none`, a category, or a category with `:now`.
        starts: for each label, where its examples begin.
    """

    mean: Any
    axes: Any
    places: Any
    labels: list[str]
    starts: Any

    def likeness(self, vector: np.ndarray) -> dict[str, np.ndarray]:
        """For each label the likeness of its nearest examples to a sentence vector, the nearest last."""
        place = (vector - self.mean) @ self.axes
        alike = self.places @ (place / np.linalg.norm(place))
        groups = np.split(alike, self.starts[1:])
        return {label: np.sort(group)[-FEW:] for label, group in zip(self.labels, groups, strict=True)}


class Network(msgspec.Struct, frozen=True):
    """Trained weights.

    Attributes:
        categories: kinds of danger, in the order of the kinds' columns.
        mean, spread: of each number of the vectors, by which they are brought to one scale.
        danger_in, danger_in_bias, danger_out, danger_out_bias: one hidden layer, one output.
        kinds_in, kinds_in_bias, kinds_out, kinds_out_bias: one hidden layer, a column for each kind.
        now, now_bias: linear.
        near: the examples beside them.
    """

    categories: list[str]
    mean: Any
    spread: Any
    danger_in: Any
    danger_in_bias: Any
    danger_out: Any
    danger_out_bias: Any
    kinds_in: Any
    kinds_in_bias: Any
    kinds_out: Any
    kinds_out_bias: Any
    now: Any
    now_bias: Any
    near: Neighbours

    def opinion(self, vector: np.ndarray) -> Opinion:
        """What the networks and the nearest examples make of a sentence vector."""
        by_network, alike = self._by_network(vector), self.near.likeness(vector)
        kinds = {kind: _mean(alike, kind, kind + NOW) for kind in self.categories}
        best = max(kinds.values())
        danger = [label for label in alike if label != ORDINARY]
        now = [label for label in danger if label.endswith(NOW)]
        return Opinion(
            danger=by_network.danger + NEAR_DANGER * (_mean(alike, *danger) - _mean(alike, ORDINARY)),
            now=by_network.now + NEAR_NOW * (_mean(alike, *now) - _mean(alike, *(set(danger) - set(now)))),
            kinds={kind: odds + NEAR_KIND * (kinds[kind] - best) for kind, odds in by_network.kinds.items()},
        )

    def _by_network(self, vector: np.ndarray) -> Opinion:
        scaled = (vector - self.mean) / self.spread
        danger = np.maximum(scaled @ self.danger_in + self.danger_in_bias, 0) @ self.danger_out + self.danger_out_bias
        kinds = np.maximum(scaled @ self.kinds_in + self.kinds_in_bias, 0) @ self.kinds_out + self.kinds_out_bias
        return Opinion(
            danger=float(danger),
            now=float(scaled @ self.now + self.now_bias),
            kinds=dict(zip(self.categories, map(float, kinds), strict=True)),
        )

    def save(self, path: Path) -> None:
        """Write the arrays to a file."""
        arrays = {name: getattr(self, name) for name in _arrays_of(type(self))}
        near = {f"near_{name}": np.asarray(getattr(self.near, name)) for name in self.near.__struct_fields__}
        np.savez(path, categories=np.array(self.categories), **arrays, **near)

    @classmethod
    def load(cls, path: Path) -> "Network":
        """Read the arrays of a file; nothing in it is run.

        Raises:
            OSError, ValueError, KeyError: there is no such file, or it is something else.
        """
        with np.load(path, allow_pickle=False) as stored:
            near = {name: stored[f"near_{name}"] for name in Neighbours.__struct_fields__}
            near["labels"] = [str(one) for one in near["labels"]]
            arrays = {name: stored[name] for name in _arrays_of(cls)}
            return cls([str(one) for one in stored["categories"]], **arrays, near=Neighbours(**near))


def _arrays_of(kind: type[Network]) -> list[str]:
    return [name for name in kind.__struct_fields__ if name not in ("categories", "near")]


def _mean(alike: dict[str, np.ndarray], *labels: str) -> float:
    """Likeness of the nearest few of all examples with one of the labels; as unlike as can be where there are none."""
    nearest = np.sort(np.concatenate([alike[label] for label in labels if label in alike] or [np.array([-1.0])]))
    return float(nearest[-FEW:].mean())
