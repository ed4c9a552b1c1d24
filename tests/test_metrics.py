"""The figures of an evaluation equal scikit-learn's on random cases: absent classes, one class, rare classes, ties."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as theirs

from tl_toolkit.core import DataError
from tl_toolkit.evaluation import evaluate_predictions
from tl_toolkit.predictions import Predictions
from tl_toolkit.tasks import TaskForm

QUICK = settings(max_examples=60, deadline=None)


@st.composite
def choices(draw):
    """True classes, rare ones and absent ones among them, and probabilities, some of them equal."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    classes, samples = draw(st.integers(2, 6)), draw(st.integers(1, 60))
    present = draw(st.lists(st.integers(0, classes - 1), min_size=1, max_size=classes, unique=True))
    shares = rng.dirichlet(np.full(len(present), draw(st.sampled_from([0.1, 1.0, 100.0]))))
    p = rng.dirichlet(np.ones(classes) * draw(st.sampled_from([0.2, 1.0])), size=samples)
    if draw(st.booleans()):
        p = np.eye(classes)[p.argmax(axis=1)] * 0.4 + 0.6 / classes
    return rng.choice(present, size=samples, p=shares), p


def mean_where_defined(figure, hits, p):
    """The macro average over the columns for which scikit-learn defines the figure."""
    columns = [c for c in range(p.shape[1]) if 0 < hits[:, c].sum() < len(hits)]
    return np.mean([figure(hits[:, c], p[:, c]) for c in columns]) if columns else np.nan


def evaluate(labels, outputs, task, **options):
    return evaluate_predictions(labels, Predictions(outputs, TaskForm(task, outputs.shape[1])), resamples=20, **options)


@QUICK
@given(choices())
def test_a_choice_among_classes(case):
    y, p = case
    result, told, classes = evaluate(y, p, "classification", top=(2,)), p.argmax(axis=1), p.shape[1]
    figures = {name: interval.estimate for name, interval in result.intervals.items()}
    assert figures["accuracy"] == theirs.accuracy_score(y, told)
    for average in ("macro", "micro", "weighted"):
        expected = theirs.precision_recall_fscore_support(y, told, average=average, zero_division=0)[:3]
        np.testing.assert_allclose(result.averages.loc[average], expected)
    assert [figures[n] for n in ("precision", "recall", "f1")] == result.averages.loc["macro"].tolist()
    each = theirs.precision_recall_fscore_support(y, told, labels=range(classes), zero_division=0)
    np.testing.assert_allclose(result.table[["precision", "recall", "f1", "support"]].T, each)
    np.testing.assert_array_equal(result.confusion, theirs.confusion_matrix(y, told, labels=range(classes)))
    if classes > 2:
        top = theirs.top_k_accuracy_score(y, p, k=2, labels=range(classes))
        assert figures["top_2_accuracy"] == pytest.approx(top)
    hits = y[:, None] == np.arange(classes)
    np.testing.assert_allclose(figures["roc_auc"], mean_where_defined(theirs.roc_auc_score, hits, p))
    np.testing.assert_allclose(
        figures["average_precision"], mean_where_defined(theirs.average_precision_score, hits, p)
    )
    assert figures["log_loss"] == pytest.approx(theirs.log_loss(y, p, labels=range(classes)))
    if hits.any(axis=0).all() and classes > 2:
        assert figures["roc_auc"] == pytest.approx(theirs.roc_auc_score(y, p, multi_class="ovr"))


@QUICK
@given(choices())
def test_yes_or_no(case):
    y, p = case
    y, p = (y > 0).astype(int), np.ascontiguousarray(1 - p[:, :1])
    told = (p[:, 0] > 0.5).astype(int)
    result = evaluate(y, p, "binary")
    figures = {name: interval.estimate for name, interval in result.intervals.items()}
    expected = theirs.precision_recall_fscore_support(y, told, average="binary", zero_division=0)[:3]
    np.testing.assert_allclose([figures[n] for n in ("precision", "recall", "f1")], expected)
    assert figures["log_loss"] == pytest.approx(theirs.log_loss(y, p[:, 0], labels=[0, 1]))
    if 0 < y.sum() < len(y):
        assert figures["roc_auc"] == pytest.approx(theirs.roc_auc_score(y, p[:, 0]))
        assert figures["average_precision"] == pytest.approx(theirs.average_precision_score(y, p[:, 0]))
    else:
        assert np.isnan(figures["roc_auc"]) and any("leave out" in note for note in result.notes)


@QUICK
@given(st.integers(0, 2**32 - 1), st.integers(1, 50), st.integers(2, 5), st.floats(0, 1))
def test_several_labels(seed, samples, labels, share):
    rng = np.random.default_rng(seed)
    hits, p = rng.random((samples, labels)) < share * rng.random(labels), rng.random((samples, labels)).round(2)
    result, told = evaluate(hits.astype(int), p, "multilabel"), p > 0.5
    for average in ("macro", "micro", "weighted"):
        expected = theirs.precision_recall_fscore_support(hits, told, average=average, zero_division=0)[:3]
        np.testing.assert_allclose(result.averages.loc[average], expected)
    assert result.intervals["exact_match"].estimate == theirs.accuracy_score(hits, told)
    assert result.accuracy == pytest.approx(1 - theirs.hamming_loss(hits, told))
    np.testing.assert_allclose(result.intervals["roc_auc"].estimate, mean_where_defined(theirs.roc_auc_score, hits, p))
    losses = [theirs.log_loss(hits[:, c], p[:, c], labels=[False, True]) for c in range(labels)]
    assert result.intervals["log_loss"].estimate == pytest.approx(np.mean(losses))


@QUICK
@given(st.integers(0, 2**32 - 1), st.integers(2, 50), st.integers(1, 3), st.booleans())
def test_real_targets(seed, samples, outputs, constant):
    rng = np.random.default_rng(seed)
    true, predicted = rng.normal(size=(2, samples, outputs))
    true = np.ones_like(true) if constant else true
    result = evaluate(true, predicted, "regression")
    for name, figure in (
        ("mse", theirs.mean_squared_error),
        ("mae", theirs.mean_absolute_error),
        ("r2", theirs.r2_score),
    ):
        assert result.intervals[name].estimate == pytest.approx(figure(true, predicted))


@QUICK
@given(choices(), st.integers(0, 5))
def test_an_interval_holds_its_estimate_and_follows_from_the_seed(case, seed):
    y, p = case
    first, again = (evaluate(y, p, "classification", seed=seed) for _ in range(2))
    np.testing.assert_array_equal(first.metrics, again.metrics)
    for name in ("accuracy", "log_loss", "calibration_error"):
        interval = first.intervals[name]
        assert interval.low <= interval.estimate + 1e-9 and interval.estimate <= interval.high + 1e-9


@pytest.mark.parametrize(("task", "shape"), [("classification", (0,)), ("multilabel", (0, 3)), ("regression", (0, 3))])
def test_no_samples_is_a_clear_error(task, shape):
    with pytest.raises(DataError, match=r"no samples to evaluate on.*test set that is not empty"):
        evaluate(np.zeros(shape, int), np.zeros((0, 3)), task)


def test_nothing_warns_of_what_is_not_defined():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        alone = evaluate(np.zeros(30, int), np.full((30, 3), 1 / 3, "float32"), "classification")
    assert alone.accuracy == 1 and np.isnan(alone.intervals["roc_auc"].estimate)
