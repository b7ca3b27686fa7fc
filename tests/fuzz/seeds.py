"""Run a fuzzer over a range of seeds and say what came out."""

import argparse
import sys
from collections import Counter


def main(judge_seed, module):
    """`judge_seed(seed)` gives a Verdict; exit status 1 when one differs."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}")
    parser.add_argument("--seeds", default="0-99", help="one seed, or first-last")
    first, _, last = parser.parse_args().seeds.partition("-")
    verdicts = run(judge_seed, range(int(first), int(last or first) + 1), module)
    print(summary(verdicts))
    return int(any(one.difference for one in verdicts))


def run(judge_seed, seeds, module):
    """Verdicts of the seeds; differences are printed."""
    found = []
    for seed in seeds:
        verdict = judge_seed(seed)
        found.append(verdict)
        if verdict.difference or verdict.unpredictable:
            print(line(verdict, seed, module), flush=True)
    return found


def line(verdict, seed, module):
    if verdict.unpredictable:
        return f"seed {seed}: unpredictable: {verdict.unpredictable}"
    return f"repeat with: python -m {module} --seeds {seed}\n  {verdict.difference}"


def summary(verdicts):
    outcomes = Counter("different" if one.difference else one.outcome for one in verdicts)
    kinds = ", ".join(f"{number} {name}" for name, number in sorted(outcomes.items()))
    totals = {
        name: sum(getattr(one, name) for one in verdicts)
        for name in ("relocations", "bindings", "failures")
    }
    return (
        f"{len(verdicts)} seeds: {kinds}; {totals['relocations']} relocations, "
        f"{totals['bindings']} bindings, {totals['failures']} failures"
    )


def exit_with(judge_seed, module):
    sys.exit(main(judge_seed, module))
