"""A curve over time as SVG: the mean of ten seconds, and behind it the busiest one of them."""

from collections.abc import Iterator, Sequence

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 900, 360, 64, 48, 20, 44
TEN = 10
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)
INK, PALE, SHADE = "#1f4e79", "#a9c6e3", "#f3d9d4"


def drawn(title: str, seconds: Sequence[int], down: tuple[float, float]) -> str:
    """The picture; seconds is what came in each of them, down is when nobody answered."""
    tens = [seconds[at : at + TEN] for at in range(0, len(seconds) - TEN + 1, TEN)]
    step = next(s for s in STEPS if max(map(max, tens)) / s <= 6)
    top = step * (max(map(max, tens)) // step + 1)

    def x(second: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * second / len(seconds)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top

    def curve(values: Sequence[float]) -> str:
        return " ".join(f"{x(at * TEN):.1f},{y(v):.1f}" for at, v in enumerate(values))

    def parts() -> Iterator[str]:
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            'font-family="sans-serif" font-size="13" fill="#333">'
        )
        yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
        yield f'<text x="{LEFT}" y="20" font-size="15">{title}</text>'
        yield _legend()
        yield (
            f'<rect x="{x(down[0]):.1f}" y="{TOP}" width="{x(down[1]) - x(down[0]):.1f}" '
            f'height="{HEIGHT - TOP - BOTTOM}" fill="{SHADE}"/>'
        )
        for value in range(0, top + 1, step):
            yield f'<path d="M{LEFT} {y(value):.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>'
            yield f'<text x="{LEFT - 8}" y="{y(value) + 4:.1f}" text-anchor="end">{value:,}</text>'
        yield f'<polyline points="{curve([max(t) for t in tens])}" fill="none" stroke="{PALE}"/>'
        means = curve([sum(t) / TEN for t in tens])
        yield f'<polyline points="{means}" fill="none" stroke="{INK}" stroke-width="1.5"/>'
        for minute in range(0, len(seconds) // 60 + 1, 10):
            at = f'x="{x(minute * 60):.1f}" y="{HEIGHT - BOTTOM + 18}"'
            yield f'<text {at} text-anchor="middle">{minute}</text>'
        yield (
            f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">'
            "minutes since the power is back</text>"
        )
        yield "</svg>\n"

    return "\n".join(parts())


def _legend() -> str:
    entries = ((INK, "mean of 10 s"), (PALE, "its busiest second"), (SHADE, "Placement is down"))
    return "\n".join(
        f'<rect x="{LEFT + 160 * at}" y="29" width="18" height="9" fill="{colour}"/>'
        f'<text x="{LEFT + 160 * at + 24}" y="38">{text}</text>'
        for at, (colour, text) in enumerate(entries)
    )
