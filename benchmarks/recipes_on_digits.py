"""Measures lp_ft as it ships against the recipe of the Keras guide, written by hand, on digits with few labels.

    python benchmarks/recipes_on_digits.py                          # the table in the documentation
    python benchmarks/recipes_on_digits.py --labels 10 --seeds 2    # a look

The guide's recipe (https://keras.io/guides/transfer_learning): freeze the base and call it with `training=False`, train
a new head with Adam, unfreeze the base, compile again with a low rate, train everything. Both recipes get the same
source, pictures, batches of 16 and number of steps, half of them for the head, and both choose their two learning
rates over the same grid, for each number of labels, by the mean accuracy on validation pictures (10 of each digit)
over all seeds. Tested is on all the digits that are left. The interval is that of the paired difference over seeds,
from Student's t.
"""
import argparse
import gc
import itertools
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import pandas as pd
from scipy import stats

import tl_toolkit as tl
from tl_toolkit import Recipe
from tl_toolkit.samples import digits_split, source_model

BATCH = 16


def keras_guide(split, head_rate: float, body_rate: float, epochs: int, seed: int) -> keras.Model:
    """The guide's recipe, as it is written there."""
    source = source_model()
    base = keras.Model(source.input, source.layers[-2].output)
    base.trainable = False
    inputs = keras.Input(source.input_shape[1:])
    outputs = keras.layers.Dense(10, activation="softmax")(base(inputs, training=False))
    model = keras.Model(inputs, outputs)
    for rate in (head_rate, body_rate):
        model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
        model.fit(split.train.x, split.train.y, batch_size=BATCH, epochs=epochs, verbose=0)
        base.trainable = True
    return model


def lp_ft(split, head_rate: float, body_rate: float, epochs: int, seed: int) -> keras.Model:
    """The toolkit's default recipe with these rates."""
    model = tl.replace_head(source_model(), num_outputs=10)
    recipe = Recipe.lp_ft(2 * epochs, body_rate, probe_learning_rate=head_rate)
    return tl.fine_tune(model, split.train, recipe=recipe, batch_size=BATCH, seed=seed, monitor="silent").model


RECIPES = {"keras_guide": keras_guide, "lp_ft": lp_ft}


def accuracy(model: keras.Model, images) -> float:
    return float((model.predict(images.x, batch_size=256, verbose=0).argmax(axis=1) == images.y).mean())


def measure(options) -> pd.DataFrame:
    rows, grid = [], list(itertools.product(options.head_rates, options.body_rates))
    for labels, seed in itertools.product(options.labels, range(options.seeds)):
        split = digits_split(labels, validation_per_class=10, seed=seed)
        epochs = -(-options.phase_steps // -(-len(split.train) // BATCH))
        for (head, body), (name, train) in itertools.product(grid, RECIPES.items()):
            keras.utils.set_random_seed(seed)
            model = train(split, head, body, epochs, seed)
            row = {"labels": labels, "seed": seed, "recipe": name, "head": head, "body": body}
            rows.append(row | {"validation": accuracy(model, split.validation), "test": accuracy(model, split.test)})
            print("{recipe:>11} {labels:>2} labels, seed {seed}, rates {head:g} and {body:g}: "
                  "validation {validation:.3f}, test {test:.3f}".format(**rows[-1]), flush=True)
            keras.utils.clear_session()
            gc.collect()
    return pd.DataFrame(rows)


def summarise(runs: pd.DataFrame) -> pd.DataFrame:
    """For each number of labels both recipes at the rates that they chose, and the paired difference."""
    rows = []
    for labels, part in runs.groupby("labels"):
        chosen, row = {}, {"labels a class": labels}
        for name, own in part.groupby("recipe", sort=False):
            rates = own.groupby(["head", "body"])["validation"].mean().idxmax()
            best = own[(own["head"] == rates[0]) & (own["body"] == rates[1])].set_index("seed")["test"]
            chosen[name], row[name] = best, f"{best.mean():.3f} ({rates[0]:g}, {rates[1]:g})"
        gain = (chosen["lp_ft"] - chosen["keras_guide"]).to_numpy()
        half = stats.t.ppf(0.975, len(gain) - 1) * gain.std(ddof=1) / np.sqrt(len(gain)) if len(gain) > 1 else np.nan
        rows.append(row | {"difference": f"{gain.mean():+.3f} [{gain.mean() - half:+.3f}, {gain.mean() + half:+.3f}]"})
    return pd.DataFrame(rows).set_index("labels a class")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    numbers = {type_: lambda text, type_=type_: [type_(n) for n in text.split(",")] for type_ in (int, float)}
    parser.add_argument("--labels", type=numbers[int], default=[5, 10, 20], help="labels a class")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--head-rates", type=numbers[float], default=[1e-3, 1e-2])
    parser.add_argument("--body-rates", type=numbers[float], default=[1e-4, 1e-3, 3e-3])
    parser.add_argument("--phase-steps", type=int, default=400)
    parser.add_argument("--csv", help="where to keep every single run")
    options = parser.parse_args()
    runs = measure(options)
    if options.csv:
        runs.to_csv(options.csv, index=False)
    print("\nTest accuracy (learning rates of head and body, chosen on validation data)")
    print(summarise(runs).to_string())


if __name__ == "__main__":
    main()
