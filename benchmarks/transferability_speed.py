"""How fast the scores of transferability are, beside straightforward NumPy (and scikit-learn) versions, in one process.

    python3 dev.py bench transferability_speed [--seconds 2]

Each pair takes turns on the same features, more dimensions than samples and the other way round; the fastest of each
counts. That both say the same is checked first. Matrices are multiplied by one thread, so that other programs disturb
less.
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from sklearn.covariance import LedoitWolf
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from tl_toolkit import transferability as ours

SHAPES = ((400, 1280, 10), (1000, 64, 20))


def knn(x, y, k=5):
    x = x / np.linalg.norm(x, axis=1, keepdims=True)
    similar = x @ x.T
    np.fill_diagonal(similar, -np.inf)
    order = np.argsort(-similar, axis=1)[:, :k]
    return np.mean([np.bincount(y[row]).argmax() == label for row, label in zip(order, y)])


def linear_probe(x, y):
    head = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    return np.mean(cross_val_predict(head, x, y, cv=StratifiedKFold(5, shuffle=True, random_state=0)) == y)


def logme(x, y):
    """The fixed-point steps of the paper, class by class."""
    u, s, _ = np.linalg.svd(x, full_matrices=False)
    n, d = x.shape
    evidences = []
    for label in range(y.max() + 1):
        target = (y == label).astype(float)
        z = u.T @ target
        outside = max(target @ target - z @ z, 1e-12)
        alpha = beta = 1.0
        for _ in range(500):
            before = alpha / beta
            gamma = np.sum(beta * s**2 / (alpha + beta * s**2))
            length = np.sum((beta * s * z / (alpha + beta * s**2)) ** 2)
            error = np.sum((alpha / (alpha + beta * s**2) * z) ** 2) + outside
            alpha, beta = gamma / max(length, 1e-12), (n - gamma) / error
            if abs(alpha / beta - before) < 1e-6 * before:
                break
        volume = np.sum(np.log(alpha + beta * s**2)) + (d - len(s)) * np.log(alpha)
        length = np.sum((beta * s * z / (alpha + beta * s**2)) ** 2)
        error = np.sum((alpha / (alpha + beta * s**2) * z) ** 2) + outside
        both = d * np.log(alpha) + n * np.log(beta / (2 * np.pi)) - volume - alpha * length - beta * error
        evidences.append(both / 2 / n)
    return np.mean(evidences)


def h_score(x, y):
    x = x - x.mean(axis=0)
    fitted = LedoitWolf().fit(x)
    means = np.zeros_like(x)
    for label in np.unique(y):
        means[y == label] = x[y == label].mean(axis=0)
    between = (1 - fitted.shrinkage_) * means.T @ means / len(x)
    return np.trace(np.linalg.pinv(fitted.covariance_) @ between)


def leep(theta, y):
    joint = np.stack([theta[y == label].sum(axis=0) for label in np.unique(y)]) / len(y)
    given = joint / joint.sum(axis=0)
    return np.mean([np.log(given[label] @ row) for row, label in zip(theta, y)])


def nce(z, y):
    total = 0.0
    for a in np.unique(z):
        inside = y[z == a]
        for b in np.unique(inside):
            share = np.mean(inside == b)
            total += len(inside) / len(y) * share * np.log(share)
    return total


def cka(a, b):
    k, m = a @ a.T, b @ b.T
    k, m = (each - each.mean(axis=0) - each.mean(axis=1)[:, None] + each.mean() for each in (k, m))
    return np.sum(k * m) / np.sqrt(np.sum(k * k) * np.sum(m * m))


def domain_distance(a, b):
    scale = np.sqrt((np.mean(a**2) + np.mean(b**2)) / 2)
    both = np.concatenate([a, b]) / scale
    kernel, n, m = (both @ both.T / both.shape[1] + 1) ** 3, len(a), len(b)
    np.fill_diagonal(kernel, 0)
    within = kernel[:n, :n].sum() / (n * (n - 1)) + kernel[n:, n:].sum() / (m * (m - 1))
    return within - 2 * kernel[:n, n:].mean()


def pairs(samples, dimensions, classes):
    """What is compared: name, ours, theirs, arguments, and how far the two answers may differ."""
    rng = np.random.default_rng(0)
    y = rng.permutation(np.arange(samples) % classes)
    x = (rng.normal(size=(classes, dimensions))[y] * 0.3 + rng.normal(size=(samples, dimensions))).astype("float32")
    wide, other = x.astype(float), rng.normal(size=(samples, dimensions // 2)) + x[:, : dimensions // 2]
    theta = rng.dirichlet(np.full(100, 0.1), size=samples)
    return [
        ("knn_accuracy", ours.knn_accuracy, knn, (wide, y), 0.02),
        ("linear_probe_accuracy", ours.linear_probe_accuracy, linear_probe, (wide, y), 0.02),
        ("logme", ours.logme, logme, (wide, y), 1e-4),
        ("h_score", ours.h_score, h_score, (wide, y), 1e-4),
        ("leep", ours.leep, leep, (theta, y), 1e-9),
        ("nce", ours.nce, nce, (theta.argmax(axis=1), y), 1e-9),
        ("cka", ours.cka, cka, (wide, other), 1e-9),
        ("domain_distance", ours.domain_distance, domain_distance, (wide[::2], wide[1::2]), 1e-9),
    ]


def fastest(functions, given, seconds):
    """The least time of each; they take turns for some seconds, at least twice and at most a hundred times."""
    times, began = [], time.perf_counter()
    while len(times) < 2 or len(times) < 100 and time.perf_counter() - began < seconds:
        times.append([])
        for function in functions:
            start = time.perf_counter()
            function(*given)
            times[-1].append(time.perf_counter() - start)
    return np.min(times, axis=0)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=2.0, help="for each pair")
    options = parser.parse_args()
    for shape in SHAPES:
        print("{} samples of {} dimensions, {} classes".format(*shape))
        print(f"{'':<24}{'here':>11}{'straight':>11}{'ratio':>9}")
        for name, mine, theirs, given, tolerance in pairs(*shape):
            difference = abs(mine(*given) - theirs(*given))
            assert difference <= tolerance, f"{name} differs by {difference}"
            here, straight = fastest((mine, theirs), given, options.seconds)
            print(f"{name:<24}{1e3 * here:>8.2f} ms{1e3 * straight:>8.2f} ms{straight / here:>8.1f} x")


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
