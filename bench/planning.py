"""How the time to plan grows with a host."""

import math
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from support.growing import CHANGES, SHAPES, make_pass

from pci_placement.plan.check import Facts, judge


def cpu(what, seconds=0.0):
    best = math.inf
    start = time.perf_counter()
    for _ in range(3):
        b = time.process_time()
        what()
        best = min(best, time.process_time() - b)
    return best * 1000


def exponent(sizes, times):
    xs = [math.log(s) for s in sizes]
    ys = [math.log(t) for t in times]
    mx, my = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((x - mx) * (y - my) for x, y in zip(xs, ys)) / sum((x - mx) ** 2 for x in xs)


import gc


def main():
    sizes = {
        "16 VFs a PF": (8, 16, 32, 64),
        "64 VFs a PF": (8, 16, 32, 64),
        "PFs or 16 VFs": (8, 16, 32, 64),
    }
    for sname, shape in SHAPES.items():
        if len(sys.argv) > 1 and sname not in sys.argv[1:]:
            continue
        for cname, change in CHANGES.items():
            for rem in (True, False):
                if cname == "first pass" and rem:
                    continue
                ns = sizes.get(sname, (64, 128, 256, 512))
                ps, js, ms = [], [], []
                for n in ns:
                    one = make_pass(shape, n, change, remembered=rem)
                    plan, seen = one.planned()
                    facts = Facts(one.tree, seen, one.last_pass)
                    found = judge(plan, facts)
                    gc.collect()
                    gc.disable()
                    ps.append(cpu(one.planned))
                    js.append(cpu(lambda: judge(plan, facts)))
                    ms.append(cpu(change.after(shape, n).tree))
                    gc.enable()
                print(
                    f"{sname:14} {cname:24} {'' if rem else 'forgotten':9} {len(plan.actions):5} map {ms[-1]:7.1f} {exponent(ns, ms):4.2f} plan {ps[0]:7.1f} {ps[-1]:8.1f} {exponent(ns, ps):4.2f} judge {js[-1]:7.1f} {exponent(ns, js):4.2f} ratio {max(j / p for j, p in zip(js, ps)):4.2f} {'breaches %d %s' % (len(found), found[0]) if found else ''}",
                    flush=True,
                )


main()
