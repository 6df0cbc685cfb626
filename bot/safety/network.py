"""The second layer's model: small networks on a sentence vector, kept as plain arrays and run with numpy.

Danger is the mean of three networks that differ in their random start: on few thousand examples each alone is moody.
The kind of danger comes from a fourth, whether it happens now from a linear model.
"""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from bot.conversation.messages import Opinion


class Network(msgspec.Struct, frozen=True):
    """Trained weights.

    Attributes:
        categories: kinds of danger, in the order of the kinds' columns.
        mean, spread: of each number of the vectors, by which they are brought to one scale.
        danger_in, danger_in_bias, danger_out, danger_out_bias: one hidden layer, one output.
        kinds_in, kinds_in_bias, kinds_out, kinds_out_bias: one hidden layer, a column for each kind.
        now, now_bias: linear.
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

    def opinion(self, vector: np.ndarray) -> Opinion:
        """What the networks make of a sentence vector."""
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
        arrays = {name: getattr(self, name) for name in self.__struct_fields__ if name != "categories"}
        np.savez(path, categories=np.array(self.categories), **arrays)

    @classmethod
    def load(cls, path: Path) -> "Network":
        """Read the arrays of a file; nothing in it is run.

        Raises:
            OSError, ValueError, KeyError: there is no such file, or it is something else.
        """
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in cls.__struct_fields__ if name != "categories"}
            return cls([str(one) for one in stored["categories"]], **arrays)
