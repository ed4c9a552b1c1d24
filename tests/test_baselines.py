"""The verdict on transfer: positive where it helps, negative where it harms, inconclusive between twins.

Quick: fewer labels, seeds and epochs, and twins drawn from a pool of trainings. With `--full`: the bundled task as in
the tutorial, and a hundred pairs of twins trained one by one.
"""

import tracemalloc
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import keras
import numpy as np
import pytest
from sklearn.datasets import load_digits

import tl_toolkit as tl
from tl_toolkit.attempts import Bench, Job
from tl_toolkit.comparison import CONVERGED, MAJORITY, SAME_STEPS, TUNED
from tl_toolkit.options import TrainingOptions
from tl_toolkit.recipes import Recipe
from tl_toolkit.verdict import judge

L = keras.layers


def digits(train: int = 100, test: int = 800):
    """Scikit-learn's digits: so many to train on, so many to test on."""
    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))
    rows, others = order[:train], order[train : train + test]
    x = (x / 16).astype("float32")
    return (x[rows], y[rows]), (x[others], y[others])


def network(width: int = 32) -> keras.Model:
    return keras.Sequential(
        [keras.Input((64,)), L.Dense(width, activation="relu"), L.Dense(10, activation="softmax", name="head")]
    )


def bundled(labels: int, epochs: int, seeds: int, limit: int):
    split = tl.samples.digits_split(labels_per_class=labels)
    model = tl.replace_head(tl.samples.source_model(), num_outputs=10)
    plan = tl.FreezePlan.last(3, "blocks")
    run = tl.fine_tune(model, split.train, plan=plan, epochs=epochs, monitor="silent")
    return tl.compare_with_baselines(run, train=split.train, test=split.test, seeds=seeds, limit=limit)


def test_on_the_bundled_task_transfer_helps():
    comparison = bundled(labels=5, epochs=12, seeds=2, limit=3)
    print(comparison)
    assert comparison.verdict == "positive"
    assert comparison.table.loc[TUNED, "score"].estimate > comparison.table.loc[MAJORITY, "score"].high


@pytest.mark.full
def test_on_the_bundled_task_transfer_helps_as_in_the_tutorial():
    comparison = bundled(labels=10, epochs=30, seeds=3, limit=4)
    print(comparison)
    assert comparison.verdict == "positive"
    assert comparison.table.loc[CONVERGED, "train"] > 0.95, "the baseline knows its training set"


@pytest.mark.parametrize("harm", ["shuffled labels", "random features"])
def test_a_harmful_source_is_told(harm):
    """Eight features of a source that has learned nothing, frozen, against the same network that learns its own."""
    train, test = digits(train=400)
    keras.utils.set_random_seed(0)
    source = network(width=8)
    if harm == "shuffled labels":
        source.compile("adam", "sparse_categorical_crossentropy")
        source.fit(train[0], np.random.default_rng(0).permutation(train[1]), epochs=40, verbose=0)
    model = tl.replace_head(source, num_outputs=10)
    run = tl.fine_tune(model, train, recipe="linear_probe", epochs=25, monitor="silent")
    comparison = tl.compare_with_baselines(run, train=train, test=test, seeds=3, limit=2, monitor="silent")
    print(comparison)
    assert comparison.verdict == "negative" and "did harm" in comparison.words


def trained(bench: Bench, seeds) -> dict[int, np.ndarray]:
    """Scores of the same way of training with these seeds."""
    recipe, options = Recipe.from_scratch(6), TrainingOptions(batch_size=32)
    return {seed: bench.carry_out(Job("twin", seed, recipe, options)).scores for seed in seeds}


def share_told_apart(pairs) -> float:
    answers = [judge(a, {SAME_STEPS: b}).answer for a, b in pairs]
    print({answer: answers.count(answer) for answer in sorted(set(answers))})
    return 1 - answers.count("inconclusive") / len(answers)


def test_twins_are_hardly_ever_told_apart():
    train, test = digits()
    pool = trained(Bench(network(), train, None, test), range(30))
    rng = np.random.default_rng(0)
    drawn = [rng.permutation(len(pool))[:6] for _ in range(100)]
    assert (
        share_told_apart([(np.array([pool[s] for s in d[:3]]), np.array([pool[s] for s in d[3:]])) for d in drawn])
        <= 0.1
    )


@pytest.mark.full
def test_a_hundred_twins_trained_one_by_one():
    train, test = digits()
    bench = Bench(network(), train, None, test)

    def three(first):
        return np.array(list(trained(bench, range(first, first + 3)).values()))

    assert share_told_apart([(three(6 * n), three(6 * n + 3)) for n in range(100)]) <= 0.1


def test_the_baseline_from_scratch_learns_its_batch_statistics():
    """A baseline with the statistics of no data would fake a positive verdict."""
    (x, y), test = digits()
    keras.utils.set_random_seed(0)
    norm = [
        keras.Input((64,)),
        L.Dense(32),
        L.BatchNormalization(name="norm"),
        L.ReLU(),
        L.Dense(10, activation="softmax"),
    ]
    model = keras.Sequential(norm)
    bench, kept = Bench(model, (x * 50, y), None, (test[0] * 50, test[1])), []

    class Watching(Bench):
        def score(self, trained, batch_size=256):
            kept.append(trained)
            return super().score(trained, batch_size)

    Watching(*vars(bench).values()).carry_out(Job("scratch", 0, Recipe.from_scratch(5), TrainingOptions()))
    (tuned,) = kept
    before = keras.Model(tuned.inputs, tuned.get_layer("norm").input)
    features = before.predict(x * 50, verbose=0)
    assert np.allclose(tuned.get_layer("norm").moving_mean, features.mean(axis=0), rtol=0.05, atol=0.5)
    assert not np.allclose(model.get_layer("norm").moving_mean, tuned.get_layer("norm").moving_mean, atol=0.5)


EXECUTORS = {
    "threads": lambda: ThreadPoolExecutor(2),
    "processes": lambda: ProcessPoolExecutor(1, mp_context=get_context("spawn")),
}


@pytest.mark.parametrize("kind", EXECUTORS)
def test_any_executor_gives_the_same_comparison(kind):
    train, test = digits()
    run = tl.fine_tune(network(), train, recipe="full", epochs=3, monitor="silent")
    options = dict(train=train, test=test, seeds=2, limit=2, monitor="silent")
    here = tl.compare_with_baselines(run, **options)
    with EXECUTORS[kind]() as executor:
        there = tl.compare_with_baselines(run, executor=executor, **options)
    assert there.verdict == here.verdict and there.words == here.words
    for name in here.table.index:
        assert there.table.loc[name, "score"] == here.table.loc[name, "score"]


def test_a_hundred_thousand_images_are_evaluated_in_bounded_memory():
    """A stream of 100,000 images of 32 x 32 x 3, 1.2 GB as float32, of which only labels and outputs are kept."""

    class Stream(keras.utils.PyDataset):
        def __len__(self):
            return 200

        def __getitem__(self, index):
            rng = np.random.default_rng(index)
            return rng.random((500, 32, 32, 3), dtype="float32"), rng.integers(10, size=500)

    model = keras.Sequential([keras.Input((32, 32, 3)), L.GlobalAveragePooling2D(), L.Dense(10, activation="softmax")])
    tracemalloc.start()
    result = tl.evaluate(model, Stream(), resamples=20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(f"peak {peak / 2**20:.0f} MiB")
    assert result.samples == 100_000 and peak < 400 * 2**20
