"""Numbers and lines for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .follow import Followed


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest value that this share of all does not exceed; of nothing it is not a number."""
    ordered = sorted(values)
    if not ordered:
        return float("nan")
    rank = -int(-share * len(ordered) // 1)  # rounded up
    return ordered[max(rank, 1) - 1]


def slope(points: Sequence[tuple[float, float]]) -> float:
    """By how much a value grows with each unit of the first number: the straight line that fits."""
    middle_x = sum(x for x, _ in points) / len(points)
    middle_y = sum(y for _, y in points) / len(points)
    spread = sum((x - middle_x) ** 2 for x, _ in points)
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / spread if spread else 0.0


def line_of(done: Followed) -> str:
    """One line about one step."""
    head = f"  {done.name:44} {done.events:4} events"
    if done.after_event is None:
        return f"{head}   stays as it is"
    if done.after_event <= 0:
        return f"{head}   is so before the last of them"
    asked = f", first request after {done.asked:.2f} s" if done.asked is not None else ""
    return (
        f"{head} {done.after_event:6.2f} s after the last, {done.after_return:5.2f} s after the "
        f"write (± {done.wrong_by * 1000:.0f} ms){asked}"
    )


def latencies(done: Iterable[Followed]) -> list[float]:
    """From the last event on, where it took that one to make Placement what it was to be."""
    return [each.after_event for each in done if (each.after_event or 0) > 0]


def told(times: Sequence[float]) -> str:
    """Latencies in one line."""
    if not times:
        return "nothing measured"
    p50, p99 = percentile(times, 0.5), percentile(times, 0.99)
    return f"p50 {p50:.2f} s, p99 {p99:.2f} s, at most {max(times):.2f} s ({len(times)} measured)"
