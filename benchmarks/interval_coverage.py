"""How often the intervals of an evaluation contain the truth, on a fixed grid; writes the table for the documentation.

    python3 dev.py bench interval_coverage [--draws 300] [--csv kept.csv] [--out docs/interval_coverage.md]

About 20 minutes. With `--csv`, what is in that file already is not drawn again, so a command that was broken off goes
on where it was; with `--seconds` it breaks off by itself.

Wilson's intervals: exactly, by summing over every possible number of right answers. The bootstrap's: test sets are
drawn from a population that is known, and the interval of each is compared with the figure of the whole population. A
share of 0.95 is what the intervals claim. An evaluation flags fewer than 200 samples.
"""

import argparse
import math
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import binom

from tl_toolkit.evaluation import evaluate_predictions
from tl_toolkit.intervals import wilson_interval
from tl_toolkit.predictions import Predictions
from tl_toolkit.tasks import TaskForm

SIZES, SHARES = (20, 50, 100, 200, 500, 1000, 2000), (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
BOOTSTRAPPED, POPULATION = (50, 200, 1000), 200_000


def wilson_coverage(samples: int, share: float) -> float:
    """The probability that Wilson's interval contains the true share."""
    counts = np.arange(samples + 1)
    intervals = [wilson_interval(int(k), samples) for k in counts]
    contains = [i.low <= share <= i.high for i in intervals]
    return float(binom.pmf(counts, samples, share) @ contains)


def classification(rng, classes: int, scale: float, balance: float, sharpness: float):
    """Labels, and the probabilities of a model that knows the classes as well as `scale` says."""
    shares = balance ** np.arange(classes)
    y = rng.choice(classes, size=POPULATION, p=shares / shares.sum())
    logits = rng.normal(size=(POPULATION, classes)) + scale * np.eye(classes)[y]
    powers = np.exp(sharpness * (logits - logits.max(axis=1, keepdims=True)))
    return y, powers / powers.sum(axis=1, keepdims=True), TaskForm("classification", classes)


def binary(rng, share: float, scale: float):
    """The same for yes or no."""
    y = (rng.random(POPULATION) < share).astype(int)
    logit = scale * rng.normal(size=POPULATION) + scale**2 * (y - 0.5) + np.log(share / (1 - share))
    return y, (1 / (1 + np.exp(-logit)))[:, None], TaskForm("binary", 1)


def regression(rng, noise: float, tails: float):
    """Targets and predictions that miss by noise with `tails` degrees of freedom."""
    y = rng.normal(size=(POPULATION, 1))
    return y, y + noise * rng.standard_t(tails, size=(POPULATION, 1)), TaskForm("regression", 1)


def populations() -> dict:
    """The fixed grid of what is evaluated."""
    rng = np.random.default_rng(0)
    return {
        "3 balanced classes, accuracy about .7": classification(rng, 3, 1.5, 1.0, 1.0),
        "3 balanced classes, accuracy about .95": classification(rng, 3, 3.0, 1.0, 1.0),
        "10 balanced classes, too sure": classification(rng, 10, 2.0, 1.0, 2.5),
        "5 classes, the rarest 3 %": classification(rng, 5, 2.0, 0.5, 1.5),
        "yes or no, 50 %": binary(rng, 0.5, 1.5),
        "yes or no, 10 %": binary(rng, 0.1, 1.5),
        "real targets, normal errors": regression(rng, 0.5, 100.0),
        "real targets, heavy tails": regression(rng, 0.5, 5.0),
    }


def coverage(population, samples: int, draws: int, seed: int) -> dict[str, float]:
    """The share of test sets whose interval contains the population's figure, by name of the figure."""
    y, outputs, form = population
    truth = evaluate_predictions(y, Predictions(outputs, form), resamples=1).intervals
    rng, inside = np.random.default_rng(seed), {}
    for draw in range(draws):
        rows = rng.integers(POPULATION, size=samples)
        intervals = evaluate_predictions(y[rows], Predictions(outputs[rows], form), resamples=200, seed=draw).intervals
        for name, interval in intervals.items():
            inside.setdefault(name, []).append(interval.low <= truth[name].estimate <= interval.high)
    return {name: float(np.mean(hits)) for name, hits in inside.items()}


def kept_or_drawn(draws: int, csv: str | None, seconds: float) -> pd.DataFrame:
    """The bootstrap's shares, one row for each figure of a population and a number of samples.

    Args:
        draws: test sets for each.
        csv: where they are kept, and looked for.
        seconds: no new one is begun when so many have passed.
    """
    began, columns = time.perf_counter(), ["population", "samples", "draws", "figure", "share"]
    kept = pd.read_csv(csv) if csv and Path(csv).exists() else pd.DataFrame(columns=columns)
    for name, population in populations().items():
        for n in BOOTSTRAPPED:
            known = (kept["population"] == name) & (kept["samples"] == n) & (kept["draws"] == draws)
            if known.any() or time.perf_counter() - began > seconds:
                continue
            shares = {k: v for k, v in coverage(population, n, draws, n).items() if "accuracy" not in k}
            print(name, n, {k: round(v, 3) for k, v in shares.items()}, flush=True)
            rows = [[name, n, draws, figure, share] for figure, share in shares.items()]
            new = pd.DataFrame(rows, columns=columns)
            kept = new if kept.empty else pd.concat([kept, new], ignore_index=True)
            if csv:
                kept.to_csv(csv, index=False)
    return kept[kept["draws"] == draws]


def wilson_table() -> str:
    """In Markdown, exactly."""
    exact = {(n, p): wilson_coverage(n, p) for n in SIZES for p in SHARES}
    lines = ["| samples | " + " | ".join(f"true accuracy {p}" for p in SHARES) + " | mean |", "|" + "---|" * 9]
    for n in SIZES:
        row = [exact[n, p] for p in SHARES]
        lines.append(f"| {n} | " + " | ".join(f"{c:.3f}" for c in (*row, np.mean(row))) + " |")
    return "\n".join([*lines, "", f"Mean of the grid: {np.mean(list(exact.values())):.4f}"])


def bootstrap_table(drawn: pd.DataFrame, draws: int) -> str:
    """In Markdown."""
    known = 1.96 * (0.95 * 0.05 / draws) ** 0.5
    lines = [f"{draws} test sets for each line: a share near 0.95 is known to within {known:.3f} (95 %).", ""]
    lines += ["| population | samples | lowest | figures |", "|---|---|---|---|"]
    for (name, n), rows in drawn.groupby(["population", "samples"], sort=False):
        each = ", ".join(f"{k.replace('_', ' ')} {v:.3f}" for k, v in zip(rows["figure"], rows["share"]))
        lines.append(f"| {name} | {n} | {rows['share'].min():.3f} | {each} |")
    lines.append("")
    for n, rows in drawn.groupby("samples"):
        lowest, mean, few = rows["share"].min(), rows["share"].mean(), (rows["share"] < 0.9).sum()
        lines.append(f"- {n} samples: mean {mean:.3f}, lowest {lowest:.3f}; below 0.90: {few} of {len(rows)} figures")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=300, help="test sets for each entry of the bootstrap's table")
    parser.add_argument("--csv", help="where the bootstrap's shares are kept, and looked for")
    parser.add_argument("--seconds", type=float, default=math.inf, help="begin nothing new when so many have passed")
    parser.add_argument("--out", help="Markdown file to write")
    options = parser.parse_args()
    drawn = kept_or_drawn(options.draws, options.csv, options.seconds)
    done, wanted = drawn.groupby(["population", "samples"]).ngroups, len(populations()) * len(BOOTSTRAPPED)
    if done < wanted:
        print(f"{done} of {wanted} lines are drawn; the same command goes on.")
        sys.exit(75)
    text = f"## Wilson\n\n{wilson_table()}\n\n## Bootstrap\n\n{bootstrap_table(drawn, options.draws)}"
    print(text)
    if options.out:
        words = __doc__.strip().split("\n\n")[-1]
        Path(options.out).write_text(f"# How often the intervals contain the truth\n\n{words}\n\n{text}\n", "utf-8")


if __name__ == "__main__":
    main()
