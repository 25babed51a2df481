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

_Object: TypeAlias = NDArray[Any]


class FlintArray(np.ndarray[Any, np.dtype[Any]]):
    """An object array of `fmpq` and `arb` elements."""

    __slots__ = ()

    def __matmul__(self, other: Any) -> Any:
        """Return the matrix product, over leading axes too."""
        return product(self, np.asarray(other, dtype=object))

    def __rmatmul__(self, other: Any) -> Any:
        """Return the matrix product with an array on the left."""
        return product(np.asarray(other, dtype=object), self)


def object_array(elements: list[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Return elements in row-major order as an object array of this shape."""
    array = np.empty(len(elements), dtype=object)
    array[:] = elements
    return array.reshape(shape)


def flint_array(elements: list[Any], shape: tuple[int, ...]) -> FlintArray:
    """Return fractions and balls in row-major order as an array of this shape."""
    return object_array(elements, shape).view(FlintArray)


def product(left: _Object, right: _Object) -> Any:
    """Return left @ right for object arrays of fractions and balls, with numpy's rules for axes."""
    left, right = np.asarray(left), np.asarray(right)
    if left.ndim == 0 or right.ndim == 0:
        raise ValueError("a matrix product needs arrays with at least one axis")
    if left.ndim > 2 or right.ndim > 2:
        return _stacked(left, right)
    rows = left.reshape(1, -1) if left.ndim == 1 else left
    columns = right.reshape(-1, 1) if right.ndim == 1 else right
    if rows.shape[1] != columns.shape[0]:
        raise ValueError(f"shapes {left.shape} and {right.shape} do not fit")
    result = _matrix(rows, columns)
    if left.ndim == 1 and right.ndim == 1:
        return result[0, 0]
    return result[0] if left.ndim == 1 else result[:, 0] if right.ndim == 1 else result


def _stacked(left: _Object, right: _Object) -> FlintArray:
    if left.ndim == 1 or right.ndim == 1:
        widened = product(
            left[None, :] if left.ndim == 1 else left, right[:, None] if right.ndim == 1 else right
        )
        narrowed: FlintArray = widened[..., 0, :] if left.ndim == 1 else widened[..., 0]
        return narrowed
    if right.ndim == 2:  # the usual case: many samples, one matrix
        flat = _matrix(left.reshape(-1, left.shape[-1]), right)
        return flat.reshape(*left.shape[:-1], right.shape[-1]).view(FlintArray)
    lead = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    lefts = np.broadcast_to(left, lead + left.shape[-2:])
    rights = np.broadcast_to(right, lead + right.shape[-2:])
    result = np.empty((*lead, left.shape[-2], right.shape[-1]), dtype=object)
    for place in np.ndindex(lead):
        result[place] = _matrix(lefts[place], rights[place])
    return result.view(FlintArray)


def _matrix(left: _Object, right: _Object) -> FlintArray:
    """Return the product of two matrices; an entry that needs no ball stays an exact fraction."""
    (n, m), p = left.shape, right.shape[1]
    if n * m * p == 0:
        return flint_array([fmpq(0)] * (n * p), (n, p))
    a, b = left.ravel().tolist(), right.ravel().tolist()
    ball_a, ball_b = _balls(a, left.shape), _balls(b, right.shape)
    if not ball_a.any() and not ball_b.any():
        return flint_array((fmpq_mat(n, m, a) * fmpq_mat(m, p, b)).entries(), (n, p))
    result = flint_array((arb_mat(n, m, a) * arb_mat(m, p, b)).entries(), (n, p))
    used_a, used_b = _used(a, left.shape), _used(b, right.shape)
    # A term is a ball where one side is and neither is exactly zero: 0 · h stays 0.
    inexact = (ball_a.astype(int) @ used_b.astype(int)) + (used_a.astype(int) @ ball_b.astype(int))
    for i, j in np.argwhere(inexact == 0):
        terms = (left[i, k] * right[k, j] for k in np.flatnonzero(used_a[i] & used_b[:, j]))
        result[i, j] = sum(terms, fmpq(0))
    return result


def _balls(elements: list[Any], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    return np.fromiter((isinstance(e, arb) for e in elements), dtype=bool, count=len(elements)).reshape(shape)


def _used(elements: list[Any], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    nonzero = (not e.is_zero() if isinstance(e, arb) else bool(e) for e in elements)
    return np.fromiter(nonzero, dtype=bool, count=len(elements)).reshape(shape)
