"""Measures lp_ft as it ships against the recipe of the Keras guide, written by hand, on digits with few labels.

    python benchmarks/recipes_on_digits.py --csv docs/recipes_on_digits.csv --out docs/recipes_on_digits.md
    python benchmarks/recipes_on_digits.py --labels 10 --seeds 0,1      # a look

Runs that are in the CSV file already are not repeated, so a command that was broken off goes on where it was.

`keras_guide` is the recipe of https://keras.io/guides/transfer_learning as it is written there: freeze the base and
call it with `training=False`, train a new head with Adam, unfreeze the base, compile again with a low rate, train
everything. The guide says that BatchNormalization then stays in inference mode. In Keras 3 it does not: `fit`
overrides the `training=False` of a functional model, and all statistics of the base move. `guide_in_inference` is
what the guide means, with the base in a layer that really calls it so. `lp_ft` leaves BatchNormalization of the base
as it is.

All recipes get the same source, the same head (a softmax, before which a fifth of the features is dropped in
training, as in the guide), pictures, batches of 16 and number of steps, half of them for the head, and none alters
the pictures. All choose their two learning rates over the same grid, for each number of labels, by the mean accuracy
on validation pictures (10 of each digit) over all seeds. Tested is on all the digits that are left. An interval is
that of the paired difference over seeds, from Student's t (95 %).
"""
import argparse
import gc
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import pandas as pd
from scipy import stats

import tl_toolkit as tl
from tl_toolkit import Recipe
from tl_toolkit.samples import digits_split, source_model

BATCH, DROPOUT = 16, 0.2
Tuned = Iterator[tuple[float, keras.Model]]


def keras_guide(split, head_rate: float, body_rates: list[float], epochs: int, seed: int) -> Tuned:
    """The guide's recipe, as it is written there; the head is trained once and then each body rate is tried on it."""
    base = _base()
    inputs = keras.Input(base.input_shape[1:])
    features = base(inputs, training=False)
    yield from _guide(base, inputs, features, split, head_rate, body_rates, epochs, seed)


class InInference(keras.layers.Layer):
    """Calls a model as in inference, whatever `fit` says."""

    def __init__(self, base: keras.Model):
        super().__init__()
        self.base = base

    def call(self, inputs):
        return self.base(inputs, training=False)


def guide_in_inference(split, head_rate: float, body_rates: list[float], epochs: int, seed: int) -> Tuned:
    """The guide's recipe, as it is meant: BatchNormalization keeps its statistics."""
    base = _base()
    inputs = keras.Input(base.input_shape[1:])
    yield from _guide(base, inputs, InInference(base)(inputs), split, head_rate, body_rates, epochs, seed)


def _base() -> keras.Model:
    source = source_model()
    base = keras.Model(source.input, source.layers[-2].output)
    base.trainable = False
    return base


def _guide(base, inputs, features, split, head_rate, body_rates, epochs, seed) -> Tuned:
    features = keras.layers.Dropout(DROPOUT)(features)
    model = keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(features))
    data = {"x": split.train.x, "y": split.train.y, "batch_size": BATCH, "epochs": epochs, "verbose": 0}
    told = {"loss": "sparse_categorical_crossentropy", "steps_per_execution": -(-len(split.train) // BATCH)}
    model.compile(keras.optimizers.Adam(head_rate), **told)
    model.fit(**data)
    probed = model.get_weights()
    base.trainable = True
    for rate in body_rates:
        model.set_weights(probed)
        keras.utils.set_random_seed(seed)
        model.compile(keras.optimizers.Adam(rate), **told)
        model.fit(**data)
        yield rate, model


def lp_ft(split, head_rate: float, body_rates: list[float], epochs: int, seed: int) -> Tuned:
    """The toolkit's default recipe with these rates."""
    model = tl.replace_head(source_model(), num_outputs=10, dropout=DROPOUT)
    for rate in body_rates:
        recipe = Recipe.lp_ft(2 * epochs, rate, probe_learning_rate=head_rate)
        run = tl.fine_tune(model, split.train, recipe=recipe, batch_size=BATCH, seed=seed, monitor="silent")
        yield rate, run.model


RECIPES = {"keras_guide": keras_guide, "guide_in_inference": guide_in_inference, "lp_ft": lp_ft}


def accuracy(model: keras.Model, images) -> float:
    return float((model.predict(images.x, batch_size=256, verbose=0).argmax(axis=1) == images.y).mean())


def measure(options) -> pd.DataFrame:
    path = Path(options.csv) if options.csv else None
    rows = pd.read_csv(path).to_dict("records") if path and path.exists() else []
    known = {tuple(row[c] for c in ("labels", "seed", "recipe", "head", "body")) for row in rows}
    combinations = itertools.product(options.head_rates, options.seeds, options.labels, options.recipes)
    for head, seed, labels, name in combinations:
        left = [body for body in options.body_rates if (labels, seed, name, head, body) not in known]
        if not left:
            continue
        split = digits_split(labels, validation_per_class=10, seed=seed)
        epochs = -(-options.phase_steps // -(-len(split.train) // BATCH))
        keras.utils.set_random_seed(seed)
        for body, model in RECIPES[name](split, head, left, epochs, seed):
            row = {"labels": labels, "seed": seed, "recipe": name, "head": head, "body": body}
            rows.append(row | {"validation": accuracy(model, split.validation), "test": accuracy(model, split.test)})
            print("{recipe:>18} {labels:>2} labels, seed {seed}, rates {head:g} and {body:g}: "
                  "validation {validation:.3f}, test {test:.3f}".format(**rows[-1]), flush=True)
        if path:
            pd.DataFrame(rows).to_csv(path, index=False, float_format="%.6g")
        keras.utils.clear_session()
        gc.collect()
    runs = pd.DataFrame(rows)
    asked = {"labels": options.labels, "seed": options.seeds, "recipe": options.recipes}
    asked |= {"head": options.head_rates, "body": options.body_rates}
    return runs[np.logical_and.reduce([runs[name].isin(values) for name, values in asked.items()])]


def summarise(runs: pd.DataFrame) -> pd.DataFrame:
    """For each number of labels all recipes at the rates that they chose, and what `lp_ft` has more than the others."""
    rows = []
    for labels, part in runs.groupby("labels"):
        chosen, row = {}, {"labels a class": labels}
        for name, own in part.groupby("recipe", sort=False):
            rates = own.groupby(["head", "body"])["validation"].mean().idxmax()
            best = own[(own["head"] == rates[0]) & (own["body"] == rates[1])].set_index("seed")["test"].sort_index()
            chosen[name], row[name] = best, f"{best.mean():.3f} ({rates[0]:g}, {rates[1]:g})"
        for name in (name for name in chosen if name != "lp_ft" and "lp_ft" in chosen):
            gain = (chosen["lp_ft"] - chosen[name]).to_numpy()
            half = stats.t.ppf(0.975, len(gain) - 1) * stats.sem(gain) if len(gain) > 1 else np.nan
            spread = f"{gain.mean():+.3f} [{gain.mean() - half:+.3f}, {gain.mean() + half:+.3f}]"
            row[f"lp_ft - {name}"] = f"{spread}, by seed " + " ".join(f"{g:+.3f}" for g in gain)
        rows.append(row)
    return pd.DataFrame(rows).set_index("labels a class")


def document(table: pd.DataFrame, runs: pd.DataFrame) -> str:
    """The table as a page of the documentation."""
    columns = [table.index.name, *table.columns]
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in table.itertuples()]
    text = "\n\n".join(part for part in __doc__.strip().split("\n\n") if not part.startswith("    "))
    names, seeds = ", ".join(runs["recipe"].unique()), ", ".join(map(str, sorted(runs["seed"].unique())))
    measured = f"Measured are {names} with the seeds {seeds}; in brackets the rates of head and body that were chosen."
    return f"# lp_ft against the Keras guide\n\n{text}\n\n{measured}\n\n" + "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    numbers = {type_: lambda text, type_=type_: [type_(n) for n in text.split(",")] for type_ in (int, float)}
    parser.add_argument("--labels", type=numbers[int], default=[5, 10, 20], help="labels a class")
    parser.add_argument("--seeds", type=numbers[int], default=[0, 1, 2, 3, 4])
    parser.add_argument("--recipes", type=lambda text: text.split(","), default=list(RECIPES))
    parser.add_argument("--head-rates", type=numbers[float], default=[1e-2])
    parser.add_argument("--body-rates", type=numbers[float], default=[1e-3, 3e-3])
    parser.add_argument("--phase-steps", type=int, default=200)
    parser.add_argument("--csv", help="where every single run is kept, and looked for")
    parser.add_argument("--out", help="Markdown file to write")
    options = parser.parse_args()
    runs = measure(options)
    table = summarise(runs)
    print("\nTest accuracy (learning rates of head and body, chosen on validation data)")
    print(table.to_string())
    if options.out:
        Path(options.out).write_text(document(table, runs), "utf-8")


if __name__ == "__main__":
    main()
