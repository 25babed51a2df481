"""Object arrays of exact fractions and balls whose matrix product runs inside FLINT.

numpy multiplies object matrices one Python call per product: 25 ms for 32×64 times 64×64. FLINT's own matrices take
1 to 3 ms and give narrower balls. The subclass changes `@` alone, so graph code stays as it is; plain object arrays
that numpy returns here and there are only slower.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from flint import arb, arb_mat, fmpq, fmpq_mat
from numpy.typing import NDArray

Matrix: TypeAlias = NDArray[Any]
"""A two-dimensional object array."""


class FlintArray(np.ndarray[Any, np.dtype[Any]]):
    """An object array of `fmpq` and `arb` elements."""

    __slots__ = ()

    def __matmul__(self, other: Any) -> Any:
        """Return the matrix product, over leading axes too."""
        return self._product(self, np.asarray(other, dtype=object))

    def __rmatmul__(self, other: Any) -> Any:
        """Return the matrix product with an array on the left."""
        return self._product(np.asarray(other, dtype=object), self)

    @staticmethod
    def _inexact(left: list[Any], right: list[Any], shape: tuple[int, int, int]) -> list[Any]:
        """Return the entries of the product of an n×m and an m×p matrix of fractions and balls, as balls."""
        n, m, p = shape
        return (arb_mat(n, m, left) * arb_mat(m, p, right)).entries()

    @classmethod
    def _product(cls, left: NDArray[Any], right: NDArray[Any]) -> Any:
        """Return left @ right with numpy's rules for axes; an element for two vectors."""
        left, right = np.asarray(left), np.asarray(right)
        if left.ndim == 0 or right.ndim == 0:
            raise ValueError("a matrix product needs arrays with at least one axis")
        rows = left[None, :] if left.ndim == 1 else left
        columns = right[:, None] if right.ndim == 1 else right
        if rows.shape[-1] != columns.shape[-2]:
            raise ValueError(f"shapes {left.shape} and {right.shape} do not fit")
        result: NDArray[Any] = cls._stack(rows, columns).view(cls)
        if left.ndim == 1:
            result = result[..., 0, :]
        return result[..., 0] if right.ndim == 1 else result

    @classmethod
    def _stack(cls, left: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
        if right.ndim == 2:  # the usual case, many samples and one matrix: a single product
            rows = left.reshape(int(np.prod(left.shape[:-1])), left.shape[-1])
            return cls._matrix(rows, right).reshape(*left.shape[:-1], right.shape[-1])
        lead = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
        lefts = np.broadcast_to(left, lead + left.shape[-2:])
        rights = np.broadcast_to(right, lead + right.shape[-2:])
        result = np.empty((*lead, left.shape[-2], right.shape[-1]), dtype=object)
        for place in np.ndindex(lead):
            result[place] = cls._matrix(lefts[place], rights[place])
        return result

    @classmethod
    def _matrix(cls, left: Matrix, right: Matrix) -> Matrix:
        """Return the product of two matrices; an entry that needs no ball stays an exact fraction."""
        (n, m), p = left.shape, right.shape[1]
        if n * m * p == 0:
            return object_array([fmpq(0)] * (n * p), (n, p))
        a, b = left.ravel().tolist(), right.ravel().tolist()
        rounded_a, rounded_b = _where(_is_rounded, a, left.shape), _where(_is_rounded, b, right.shape)
        if not rounded_a.any() and not rounded_b.any():
            return object_array((fmpq_mat(n, m, a) * fmpq_mat(m, p, b)).entries(), (n, p))
        result = object_array(cls._inexact(a, b, (n, m, p)), (n, p))
        used_a, used_b = _where(_is_used, a, left.shape), _where(_is_used, b, right.shape)
        # A term is rounded where one side is and neither is exactly zero: 0 · h stays 0.
        inexact = rounded_a.astype(int) @ used_b.astype(int) + used_a.astype(int) @ rounded_b.astype(int)
        for i, j in np.argwhere(inexact == 0):
            terms = (left[i, k] * right[k, j] for k in np.flatnonzero(used_a[i] & used_b[:, j]))
            result[i, j] = sum(terms, fmpq(0))
        return result


def object_array(elements: list[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Return elements in row-major order as an object array of this shape."""
    array = np.empty(len(elements), dtype=object)
    array[:] = elements
    return array.reshape(shape)


def flint_array(elements: list[Any], shape: tuple[int, ...]) -> FlintArray:
    """Return fractions and balls in row-major order as an array of this shape."""
    return object_array(elements, shape).view(FlintArray)


def _is_rounded(element: Any) -> bool:
    return not isinstance(element, (fmpq, int))


def _is_used(element: Any) -> bool:
    return not element.is_zero() if isinstance(element, arb) else bool(element)


def _where(test: Any, elements: list[Any], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    return np.fromiter(map(test, elements), dtype=bool, count=len(elements)).reshape(shape)
