"""Percentiles and ratios. All figures of one run share one machine and one load: only their ratios travel."""

from __future__ import annotations

from collections.abc import Sequence

NS_PER_MS = 1_000_000


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of all values do not exceed; raises ValueError for none."""
    if not values:
        raise ValueError("no values were measured")
    in_order = sorted(values)
    return in_order[max(0, -(-int(share * 1000) * len(in_order) // 1000) - 1)]


def spread(values_ms: Sequence[float]) -> dict[str, float]:
    """p50 and p99, ms."""
    return {"p50_ms": round(percentile(values_ms, 0.5), 3), "p99_ms": round(percentile(values_ms, 0.99), 3)}


def over(measured: float, floor: float) -> float:
    """How many times `floor` was needed; 0 where there is no floor."""
    return round(measured / floor, 2) if floor else 0.0
