"""The scores of transferability: what must hold for any features, and agreement with other ways to compute them."""

import warnings

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.covariance import LedoitWolf
from sklearn.neighbors import NearestNeighbors

from tl_toolkit import transferability as scores
from tl_toolkit.core import DataError
from tl_toolkit.probes import knn_predictions, linear_probe_predictions
from tl_toolkit.source_scores import class_separability

QUICK = settings(max_examples=40, deadline=None)
SEEDS = st.integers(0, 2**32 - 1)


@st.composite
def tasks(draw):
    """Features, some constant, repeated or of another scale, and labels of two to five classes."""
    rng = np.random.default_rng(draw(SEEDS))
    classes, dimensions = draw(st.integers(2, 5)), draw(st.integers(1, 40))
    samples = draw(st.integers(4 * classes, 60))
    y = rng.permutation(np.arange(samples) % classes)
    x = draw(st.sampled_from([0.0, 1.0, 3.0])) * rng.normal(size=(classes, dimensions))[y]
    x = (x + rng.normal(size=x.shape)) * draw(st.sampled_from([1e-3, 1.0, 1e3]))
    if draw(st.booleans()):
        x = np.concatenate([x, x[:, :1], np.ones((samples, 1))], axis=1)
    return x, y, rng


def log_evidence(x, target, alpha, beta):
    """Of a Bayesian linear model by its definition in weights (Bishop 2006, equation 3.86)."""
    samples, dimensions = x.shape
    precision = alpha * np.eye(dimensions) + beta * x.T @ x
    weights = beta * np.linalg.solve(precision, x.T @ target)
    fit = beta / 2 * np.sum((target - x @ weights) ** 2) + alpha / 2 * weights @ weights
    log_det = np.linalg.slogdet(precision)[1]
    return (dimensions * np.log(alpha) + samples * np.log(beta / (2 * np.pi)) - log_det) / 2 - fit


@QUICK
@given(tasks())
def test_no_pair_of_strengths_has_more_evidence_than_logme(task):
    x, y, rng = task
    target = (y == 0).astype(float) + 0.1 * rng.normal(size=len(y))
    best = scores.logme(x, target, task="regression")
    scale = np.mean(x**2)
    for alpha, beta in 10.0 ** rng.uniform(-3, 3, size=(20, 2)):
        assert log_evidence(x, target, alpha * scale, beta) / len(y) <= best + 1e-9


@QUICK
@given(tasks(), st.floats(1e-3, 1e3))
def test_turns_scales_and_the_order_of_samples_change_no_score(task, scale):
    x, y, rng = task
    turn, _ = np.linalg.qr(rng.normal(size=(x.shape[1], x.shape[1])))
    order = rng.permutation(len(y))
    for score in (scores.logme, scores.h_score, class_separability):
        assert score(scale * (x @ turn)[order], y[order]) == pytest.approx(score(x, y), rel=1e-5, abs=1e-7)
    k = min(3, len(y) - 1)
    assert scores.knn_accuracy(scale * x, y, k=k) == scores.knn_accuracy(x, y, k=k)


@QUICK
@given(tasks())
def test_classes_may_be_called_anything(task):
    x, y, _ = task
    names = np.array(["e", "d", "c", "b", "a"])[y]
    for score in (scores.knn_accuracy, scores.logme, scores.h_score):
        options = dict(k=2) if score is scores.knn_accuracy else {}
        assert score(x, names, **options) == pytest.approx(score(x, y, **options), rel=1e-9)


@QUICK
@given(tasks())
def test_h_score_is_bounded_and_as_defined(task):
    x, y, _ = task
    assert -1e-9 <= scores.h_score(x, y) <= len(np.unique(y)) - 1 + 1e-9
    centred = x - x.mean(axis=0)
    fitted = LedoitWolf().fit(centred)
    means = np.stack([centred[y == label].mean(axis=0) for label in y])
    between = (1 - fitted.shrinkage_) * means.T @ means / len(y)
    if fitted.shrinkage_ > 1e-4:
        assert scores.h_score(x, y) == pytest.approx(np.trace(np.linalg.solve(fitted.covariance_, between)), rel=1e-5)


@QUICK
@given(tasks(), st.integers(1, 4), st.sampled_from(["cosine", "euclidean"]))
def test_the_neighbours_are_the_nearest_others(task, k, metric):
    x, y, _ = task
    assume(x.shape[1] > 3)  # in one dimension all angles are equal
    near = NearestNeighbors(n_neighbors=k, metric=metric, algorithm="brute").fit(x).kneighbors(return_distance=False)
    votes = np.stack([np.bincount(row, minlength=y.max() + 1) for row in y[near]])
    first = np.sort(votes, axis=1)
    clear = first[:, -1] > first[:, -2]
    same = knn_predictions(x, y, k=k, metric=metric)[clear] == votes.argmax(axis=1)[clear]
    assert same.sum() >= 0.9 * clear.sum(), "all but those whose distances differ by rounding alone"


@QUICK
@given(tasks())
def test_a_probe_says_nothing_else_of_features_that_are_turned_into_more_dimensions(task):
    x, y, _ = task
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        told = linear_probe_predictions(x / x.std(), y)
        padded = linear_probe_predictions(np.concatenate([x / x.std(), np.zeros((len(x), 80))], axis=1), y)
    assert (told == padded).mean() > 0.95


@QUICK
@given(SEEDS, st.integers(2, 40), st.integers(2, 6), st.integers(2, 6))
def test_leep_and_nce_against_loops(seed, samples, sources, targets):
    rng = np.random.default_rng(seed)
    theta = rng.dirichlet(np.full(sources, rng.choice([0.1, 1.0, 10.0])), size=samples)
    y = np.concatenate([[0, 1], rng.integers(0, targets, samples - 2)])
    joint = {
        (t, z): sum(theta[i, z] for i in range(samples) if y[i] == t) / samples for t in set(y) for z in range(sources)
    }
    mass = [sum(joint[t, z] for t in set(y)) for z in range(sources)]
    likely = [
        sum(theta[i, z] * joint[y[i], z] / mass[z] for z in range(sources) if mass[z] > 0) for i in range(samples)
    ]
    assert scores.leep(theta, y) == pytest.approx(np.mean(np.log(likely)), rel=1e-9)
    z = theta.argmax(axis=1)
    share = {(a, b): np.mean((z == a) & (y == b)) for a in set(z) for b in set(y)}
    entropy = -sum(p * np.log(p / np.mean(z == a)) for (a, _), p in share.items() if p > 0)
    assert scores.nce(z, y) == pytest.approx(-entropy, abs=1e-12)
    assert -np.log(targets) - 1e-9 <= scores.nce(z, y) <= 1e-12 and scores.leep(theta, y) <= 1e-12


@QUICK
@given(SEEDS, st.integers(5, 30), st.integers(1, 50), st.integers(1, 50), st.floats(1e-3, 1e3), st.booleans())
def test_cka_does_not_see_turns_scales_and_shifts(seed, samples, p, q, scale, debiased):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(samples, p)), rng.normal(size=(samples, q))
    turn, _ = np.linalg.qr(rng.normal(size=(p, p)))
    value = scores.cka(a, b, debiased=debiased)
    assert scores.cka(scale * a @ turn + 3, b, debiased=debiased) == pytest.approx(value, abs=1e-6, nan_ok=True)
    assert scores.cka(b, a, debiased=debiased) == pytest.approx(value, nan_ok=True)
    assert scores.cka(a, scale * a @ turn) == pytest.approx(1)
    assert debiased or 0 <= value <= 1 + 1e-9


@pytest.mark.parametrize("score", [scores.knn_accuracy, scores.linear_probe_accuracy, scores.logme, scores.h_score])
@pytest.mark.parametrize(
    ("features", "labels", "told"),
    [
        (np.zeros((20, 3, 3)), np.arange(20) % 2, "features of shape"),
        (np.full((20, 3), np.inf), np.arange(20) % 2, "first in sample 0"),
        (np.zeros((20, 3)), np.zeros(20, int), "labels of one class"),
        (np.zeros((20, 3)), np.arange(19) % 2, "labels of shape"),
        (np.zeros((20, 3)), np.eye(20)[:, :2], "argmax"),
    ],
)
def test_what_cannot_be_scored_is_a_clear_error(score, features, labels, told):
    with pytest.raises(DataError, match=told):
        score(features, labels)
