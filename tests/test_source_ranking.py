"""`rank_sources` puts the right source first where it is known which one that is.

Four networks of one architecture have looked at the same pictures of letters on photographs: one learned the letters,
one how bright a picture is, one labels that were shuffled, one nothing. Digits on photographs are to be read. With
`--full`, a hundred draws of the digits and four sets of networks; else a few draws and one set.
"""

import functools
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import keras
import numpy as np
import pytest

import tl_toolkit as tl
from tl_toolkit.copies import fresh_copy
from tl_toolkit.samples import digits_on_photos, letters_on_photos, source_model

PICTURES = 2000


def trained(x, y, seed, epochs):
    keras.utils.set_random_seed(seed)
    model = tl.replace_head(fresh_copy(source_model()), int(y.max()) + 1)
    model.compile(keras.optimizers.Adam(2e-3), "sparse_categorical_crossentropy")
    model.fit(x, y, batch_size=64, epochs=epochs, verbose=0)
    return model


@functools.cache
def source_set(number):
    """The networks of one set; of set 0, the one that reads letters is the bundled one."""
    letters = letters_on_photos(PICTURES, seed=1000 + number)
    brightness = letters.x.mean(axis=(1, 2, 3))
    quarter = np.digitize(brightness, np.quantile(brightness, [0.25, 0.5, 0.75]))
    shuffled = np.random.default_rng(number).permutation(letters.y)
    keras.utils.set_random_seed(number)
    untrained = fresh_copy(source_model())
    return {
        "untrained": untrained,
        "shuffled": trained(letters.x, shuffled, number, 3),
        "far": trained(letters.x, quarter, number, 3),
        "near": source_model() if number == 0 else trained(letters.x, letters.y, number, 10),
    }


def ranked(number, draw, folder, **options):
    digits = digits_on_photos(12, seed=draw)
    return tl.rank_sources(source_set(number), *digits, seed=draw, cache=folder, monitor="silent", **options)


def test_the_right_source_is_first(tmp_path):
    for draw in range(4):
        ranking = ranked(0, draw, tmp_path)
        assert ranking.best == "near" and ranking.tied == ("near",) and not ranking.problems
        assert ranking.interval("near").low > 2 * ranking.chance


def test_a_network_cannot_be_told_apart_from_itself(tmp_path):
    near = source_set(0)["near"]
    twins = {"twin": near, "near": near, "untrained": source_set(0)["untrained"]}
    ranking = tl.rank_sources(twins, *digits_on_photos(12), cache=tmp_path, monitor="silent")
    assert ranking.tied == ("twin", "near") and ranking.difference("twin", "near").estimate == 0


def test_a_seed_decides_everything(tmp_path):
    tables = [ranked(0, 7, tmp_path / str(i), samples=60).table.drop(columns="milliseconds_per_sample") for i in (0, 1)]
    assert tables[0].equals(tables[1])
    other = tl.rank_sources(source_set(0), *digits_on_photos(12, seed=7), samples=60, seed=8, monitor="silent")
    assert not other.table["knn_low"].equals(tables[0]["knn_low"])


@pytest.mark.full
def test_the_right_source_is_first_in_95_of_100_draws(tmp_path):
    first = [ranked(draw % 4, draw, tmp_path).best for draw in range(100)]
    print(f"near is first in {first.count('near')} of {len(first)} draws")
    assert first.count("near") >= 95


EXECUTORS = {
    "threads": lambda: ThreadPoolExecutor(2),
    "processes": lambda: ProcessPoolExecutor(1, mp_context=get_context("spawn")),
}


@pytest.mark.parametrize("kind", ["threads", pytest.param("processes", marks=pytest.mark.full)])
def test_any_executor_finds_the_same(kind, tmp_path):
    sources, digits = {"letters": source_model, "offline": "NoSuchNetwork"}, digits_on_photos(12)
    with EXECUTORS[kind]() as executor:
        ranking = tl.rank_sources(sources, *digits, cache=tmp_path, executor=executor, monitor="silent")
    here = tl.rank_sources(sources, *digits, cache=tmp_path, monitor="silent")
    assert ranking.best == "letters" and "NoSuchNetwork" in ranking.problems["offline"]
    np.testing.assert_allclose(ranking.table["knn"], here.table["knn"])
