"""Measures what the bundled source model is worth on digits with few labels, strategy by strategy.

    python benchmarks/transfer_on_samples.py                  # the table in the documentation
    python benchmarks/transfer_on_samples.py --labels 20 --seeds 1 --strategies head_only,lp_ft

Every strategy sees the same pictures, in batches of 16, with Adam. A phase is about 400 steps; strategies with one
phase get 800, so that all have equally many. `from_scratch_long` has four times that, 3,200. Accuracies are measured
on all the digits that are left, as mean and standard deviation over seeds; each seed draws other labels and other
backgrounds.
"""
import argparse
import gc
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import pandas as pd

import tl_toolkit as tl
from tl_toolkit import FreezePlan, Recipe
from tl_toolkit.samples import digits_split, source_model

BATCH = 16
BODY, HEAD, FRESH = 1e-3, 1e-2, 3e-3  # learning rates
EVERYTHING = FreezePlan.all_trainable()


def lp_ft(epochs: int, plan: FreezePlan | None = None) -> Recipe:
    return Recipe.lp_ft(2 * epochs, learning_rate=BODY, probe_learning_rate=HEAD, plan=plan)


STRATEGIES = {
    "from_scratch": lambda epochs: Recipe.from_scratch(2 * epochs, FRESH),
    "from_scratch_long": lambda epochs: Recipe.from_scratch(8 * epochs, FRESH),
    "head_only": lambda epochs: Recipe.linear_probe(2 * epochs, HEAD),
    "full": lambda epochs: Recipe.full(2 * epochs, BODY),
    "full_batchnorm_trains": lambda epochs: Recipe.full(2 * epochs, BODY, EVERYTHING.batchnorm("train")),
    "lp_ft": lp_ft,
    "lp_ft_last_block": lambda epochs: lp_ft(epochs, FreezePlan.last(1, unit="blocks")),
    "lp_ft_last_2_blocks": lambda epochs: lp_ft(epochs, FreezePlan.last(2, unit="blocks")),
    "lp_ft_last_3_blocks": lambda epochs: lp_ft(epochs, FreezePlan.last(3, unit="blocks")),
}


def accuracies(strategy: str, labels_per_class: int, seed: int, phase_steps: int) -> dict:
    train, _, test = digits_split(labels_per_class, validation_per_class=1, seed=seed)
    epochs = -(-phase_steps // -(-len(train) // BATCH))
    keras.utils.set_random_seed(seed)  # the new head's weights
    model = tl.replace_head(source_model(), num_outputs=10)
    recipe = STRATEGIES[strategy](epochs)
    run = tl.fine_tune(model, train, recipe=recipe, batch_size=BATCH, seed=seed, monitor="silent")
    return {"strategy": strategy, "labels": labels_per_class, "seed": seed, "tested on": len(test),
            "train": run.history["accuracy"].iloc[-1], "test": run.evaluate(test).accuracy, "seconds": run.seconds}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", default="5,10,20", help="labels a class, separated by commas")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--strategies", default=",".join(STRATEGIES))
    parser.add_argument("--phase-steps", type=int, default=400)
    parser.add_argument("--csv", help="where to keep every single run")
    options = parser.parse_args()

    rows = []
    for labels in map(int, options.labels.split(",")):
        for seed in range(options.seeds):
            for strategy in options.strategies.split(","):
                rows.append(accuracies(strategy, labels, seed, options.phase_steps))
                print("{strategy}, {labels} labels a class, seed {seed}: train {train:.3f}, test {test:.3f}, "
                      "{seconds:.0f} s".format(**rows[-1]), flush=True)
                keras.utils.clear_session()
                gc.collect()
    runs = pd.DataFrame(rows)
    if options.csv:
        runs.to_csv(options.csv, index=False)
    by = runs.groupby(["strategy", "labels"], sort=False)["test"]
    cells = by.mean().map("{:.3f}".format) + " ± " + by.std(ddof=0).map("{:.3f}".format)
    print(cells.unstack("labels").to_string())


if __name__ == "__main__":
    main()
