"""Measures lp_ft as it ships against the recipe of the Keras guide, written by hand, on digits with few labels.

    python benchmarks/recipes_on_digits.py --csv docs/recipes_on_digits.csv --out docs/recipes_on_digits.md
    python benchmarks/recipes_on_digits.py --labels 10 --seeds 0,1      # a look

Runs that are in the CSV file already are not repeated, so a command that was broken off goes on where it was.

The guide's recipe (https://keras.io/guides/transfer_learning): freeze the base and call it with `training=False`,
train a new head with Adam, unfreeze the base, compile again with a low rate, train everything. Both recipes get the
same source, the same head (a softmax, before which a fifth of the features is dropped in training, as in the guide),
pictures, batches of 16 and number of steps, half of them for the head, and neither alters the pictures. Both choose
their two learning rates over the same grid, for each number of labels, by the mean accuracy on validation pictures (10
of each digit) over all seeds. Tested is on all the digits that are left. The interval is that of the paired difference
over seeds, from Student's t (95 %).
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
    source = source_model()
    base = keras.Model(source.input, source.layers[-2].output)
    base.trainable = False
    inputs = keras.Input(source.input_shape[1:])
    features = keras.layers.Dropout(DROPOUT)(base(inputs, training=False))
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


RECIPES = {"keras_guide": keras_guide, "lp_ft": lp_ft}


def accuracy(model: keras.Model, images) -> float:
    return float((model.predict(images.x, batch_size=256, verbose=0).argmax(axis=1) == images.y).mean())


def measure(options) -> pd.DataFrame:
    path = Path(options.csv) if options.csv else None
    rows = pd.read_csv(path).to_dict("records") if path and path.exists() else []
    known = {tuple(row[c] for c in ("labels", "seed", "recipe", "head")) for row in rows}
    for head, seed, labels, name in itertools.product(options.head_rates, options.seeds, options.labels, RECIPES):
        if (labels, seed, name, head) in known:
            continue
        split = digits_split(labels, validation_per_class=10, seed=seed)
        epochs = -(-options.phase_steps // -(-len(split.train) // BATCH))
        keras.utils.set_random_seed(seed)
        for body, model in RECIPES[name](split, head, options.body_rates, epochs, seed):
            row = {"labels": labels, "seed": seed, "recipe": name, "head": head, "body": body}
            rows.append(row | {"validation": accuracy(model, split.validation), "test": accuracy(model, split.test)})
            print("{recipe:>11} {labels:>2} labels, seed {seed}, rates {head:g} and {body:g}: "
                  "validation {validation:.3f}, test {test:.3f}".format(**rows[-1]), flush=True)
        if path:
            pd.DataFrame(rows).to_csv(path, index=False, float_format="%.6g")
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
            best = own[(own["head"] == rates[0]) & (own["body"] == rates[1])].set_index("seed")["test"].sort_index()
            chosen[name], row[name] = best, f"{best.mean():.3f} ({rates[0]:g}, {rates[1]:g})"
        gain = (chosen["lp_ft"] - chosen["keras_guide"]).to_numpy()
        half = stats.t.ppf(0.975, len(gain) - 1) * gain.std(ddof=1) / np.sqrt(len(gain)) if len(gain) > 1 else np.nan
        row["difference"] = f"{gain.mean():+.3f} [{gain.mean() - half:+.3f}, {gain.mean() + half:+.3f}]"
        rows.append(row | {"by seed": " ".join(f"{g:+.3f}" for g in gain)})
    return pd.DataFrame(rows).set_index("labels a class")


def document(table: pd.DataFrame) -> str:
    """The table as a page of the documentation."""
    columns = [table.index.name, *table.columns]
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in table.itertuples()]
    text = "\n\n".join(part for part in __doc__.strip().split("\n\n") if not part.startswith("    "))
    return f"# lp_ft against the Keras guide\n\n{text}\n\n" + "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    numbers = {type_: lambda text, type_=type_: [type_(n) for n in text.split(",")] for type_ in (int, float)}
    parser.add_argument("--labels", type=numbers[int], default=[5, 10, 20], help="labels a class")
    parser.add_argument("--seeds", type=numbers[int], default=[0, 1, 2, 3, 4])
    parser.add_argument("--head-rates", type=numbers[float], default=[1e-2, 1e-3])
    parser.add_argument("--body-rates", type=numbers[float], default=[3e-4, 1e-3, 3e-3])
    parser.add_argument("--phase-steps", type=int, default=200)
    parser.add_argument("--csv", help="where every single run is kept, and looked for")
    parser.add_argument("--out", help="Markdown file to write")
    options = parser.parse_args()
    table = summarise(measure(options))
    print("\nTest accuracy (learning rates of head and body, chosen on validation data)")
    print(table.to_string())
    if options.out:
        Path(options.out).write_text(document(table), "utf-8")


if __name__ == "__main__":
    main()
