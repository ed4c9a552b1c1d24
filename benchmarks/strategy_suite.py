"""Tries every strategy of fine-tuning on tasks from bundled data, and judges by them what `suggest_recipe` advises.

    python benchmarks/strategy_suite.py --csv docs/strategy_suite.csv --advice docs/strategy_suite_advice.csv \
        --out docs/strategy_suite.md
    python benchmarks/strategy_suite.py --csv docs/strategy_suite.csv --minutes 4      # a piece of it
    python benchmarks/strategy_suite.py --tasks "letters > digits, 5" --seeds 0        # a look

All strategies of a task and seed see the same labels in batches of 16, for 160 steps or a little more, and begin with
the same new head. What is in the CSV file is not tried again, so a command that was broken off goes on where it was.
`--workers 2` tries two tasks at a time; `run_suite` takes any `concurrent.futures.Executor`.
"""

import argparse
import gc
import itertools
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, ProcessPoolExecutor, wait
from contextlib import nullcontext
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")

import keras
import numpy as np
import pandas as pd
from strategy_judgement import document, gains_by_situation, situations_of
from strategy_tasks import TASKS, Task, load_source

import tl_toolkit as tl
from tl_toolkit import FreezePlan, Phase, Recipe
from tl_toolkit.data import as_data
from tl_toolkit.expectations import read_situation
from tl_toolkit.neighbours import frozen_features, neighbour_answers
from tl_toolkit.strategies import Strategy, carry_out, usual_strategies
from tl_toolkit.tasks import read_task

BATCH, PHASE_STEPS = 16, 80
SOURCES = Path(__file__).parent / "_run" / "strategy_sources"
BY_NAME = {task.name: task for task in TASKS}


def phase_epochs(samples: int) -> int:
    return -(-PHASE_STEPS // -(-samples // BATCH))


class Memory:
    """Trains, and remembers what came of it, since several strategies share runs."""

    def __init__(self):
        self._known = []

    def __call__(self, model: keras.Model, train, validation, *, recipe: Recipe, **options) -> tl.Run:
        for known, told, run, seconds in self._known:
            if known == recipe and told == options:
                self.spent += seconds
                return run
        began = time.process_time()
        run = tl.fine_tune(model, train, validation, recipe=recipe, **options)
        seconds = time.process_time() - began
        self.spent += seconds
        self.saved -= seconds
        self._known.append((recipe, options, run, seconds))
        return run

    def timed(self, work: Callable[[], keras.Model]) -> tuple[keras.Model, float]:
        """What some work gives, and the seconds that it takes with all of its runs, remembered ones included."""
        self.spent, self.saved, began = 0.0, 0.0, time.process_time()
        made = work()
        return made, time.process_time() - began + self.spent + self.saved


def block_movement(before: keras.Model, after: keras.Model, blocks: Sequence[tuple[str, ...]]) -> list[float]:
    """How far the weights of each block went, as a share of their length."""
    found, tree = [], tl.layer_tree(after)
    for group in blocks:
        names = [layer.name for block in group for layer in tree.blocks[block] if layer.updatable_params]
        pairs = [
            (keras.ops.convert_to_numpy(a), keras.ops.convert_to_numpy(b))
            for name in names
            for a, b in zip(before.get_layer(name).trainable_weights, after.get_layer(name).trainable_weights)
        ]
        moved = sum(float(np.sum((a - b) ** 2)) for a, b in pairs)
        found.append((moved / max(sum(float(np.sum(a**2)) for a, _ in pairs), 1e-12)) ** 0.5)
    return found


def auto_freeze(model: keras.Model, train, epochs: int, **options) -> keras.Model:
    """The head, then everything in three stages; after each the lowest blocks that hardly moved are frozen for good.

    After AutoFreeze (Liu et al., 2021): what is frozen runs once and is kept. A block has converged when it moved less
    than half as far as the one that moved most; the last block never is.
    """
    blocks = tl.layer_tree(model).body_blocks
    run = tl.fine_tune(model, train, recipe=Recipe.linear_probe(epochs), **options)
    plan, frozen, stages = FreezePlan.all_trainable(), 0, min(3, epochs)
    for stage in range(stages):
        share = epochs // stages + (stage < epochs % stages)
        rate = 1e-3 * (1 + np.cos(np.pi * (stage + 0.5) / stages)) / 2
        recipe = Recipe("auto_freeze", (Phase(plan, share, float(rate)),))
        before, run = run.model, tl.fine_tune(run.model, train, recipe=recipe, **options)
        moved = block_movement(before, run.model, blocks)
        while frozen < len(blocks) - 1 and moved[frozen] < 0.5 * max(moved):
            for block in blocks[frozen]:
                plan = plan.freeze(block)
            frozen += 1
    return run.model


def accuracy(model: keras.Model, test) -> float:
    parts = np.array_split(test[0], 3)
    found = np.concatenate([keras.ops.convert_to_numpy(model(part, training=False)) for part in parts])
    return float((found.argmax(axis=1) == test[1]).mean())


def neighbours(model: keras.Model, train, test) -> float:
    known, new = (frozen_features(model, as_data(part), batch_size=100) for part in (train, test))
    return float((neighbour_answers(known, train[1], new, read_task(model, train[1])) == test[1]).mean())


def prepare(task: Task, seed: int, folder: Path) -> tuple[keras.Model, tuple, tuple]:
    """The source with its new head, training and test data."""
    train, test = task.draw(seed)
    source = load_source(task.source, folder)
    keras.utils.set_random_seed(seed)
    return tl.replace_head(source, num_outputs=int(test[1].max()) + 1), train, test


def try_strategies(name: str, seed: int, folder: Path = SOURCES, only: Sequence[str] | None = None) -> list[dict]:
    """One row for each strategy of a task and seed."""
    task = BY_NAME[name]
    model, train, test = prepare(task, seed, folder)
    epochs, memory, rows = phase_epochs(len(train[1])), Memory(), []
    strategies: dict[str, Strategy] = usual_strategies(tl.layer_tree(model), epochs)
    ways: dict[str, Callable[[], keras.Model]] = {
        key: lambda strategy=strategy: carry_out(
            strategy, model, train, batch_size=BATCH, seed=seed, monitor="silent", trainer=memory
        )
        for key, strategy in strategies.items()
    }
    ways["auto_freeze"] = lambda: auto_freeze(model, train, epochs, batch_size=BATCH, seed=seed, monitor="silent")

    def note(key: str, score: float, seconds: float):
        rows.append({"task": name, "seed": seed, "strategy": key, "accuracy": round(score, 5), "seconds": seconds})

    for key in only or ways:
        if key in ways:
            made, seconds = memory.timed(ways[key])
            note(key, accuracy(made, test), seconds)
    began = time.process_time()
    if not only or "neighbours" in only:
        note("neighbours", neighbours(model, train, test), time.process_time() - began)
    keras.utils.clear_session()
    gc.collect()
    return rows


def ask_for_advice(name: str, seed: int, folder: Path = SOURCES) -> list[dict]:
    """What is advised for a task and seed, by the evidence alone and after short trials, and what asking costs."""
    task, rows = BY_NAME[name], []
    model, train, _ = prepare(task, seed, folder)
    for mode, trial in (("evidence", None), ("trial", "quick")):
        began = time.process_time()
        told = tl.suggest_recipe(
            model,
            train,
            trial=trial,
            epochs=2 * phase_epochs(len(train[1])),
            batch_size=BATCH,
            seed=seed,
            monitor="silent",
        )
        seconds, evidence = time.process_time() - began, told.evidence
        rows.append(
            {
                "task": name,
                "seed": seed,
                "mode": mode,
                "strategy": told.strategy.name,
                "seconds": seconds,
                "situation": read_situation(evidence),
                "labels_per_class": evidence.labels_per_class,
                "chance": evidence.chance,
                "probe": evidence.probe,
                "neighbours": evidence.neighbours,
                "random_probe": evidence.random_probe,
                "shift": evidence.shift,
                "reach": evidence.reach,
            }
        )
    keras.utils.clear_session()
    gc.collect()
    return rows


def run_suite(
    tasks: Sequence[str],
    seeds: Sequence[int],
    csv: Path | None = None,
    *,
    folder: Path = SOURCES,
    executor: Executor | None = None,
    minutes: float = np.inf,
    work: Callable[[str, int, Path], list[dict]] = try_strategies,
) -> pd.DataFrame:
    """Tries tasks and seeds that are not in the file yet, and writes each to it as soon as it is done.

    Args:
        tasks: their names.
        seeds: which labels are drawn.
        csv: where results are kept. Defaults to nowhere.
        folder: where source models are kept.
        executor: does several at a time. Defaults to one after the other.
        minutes: after so many no other one is begun.
        work: gives the rows of a task and seed.
    """
    known = pd.read_csv(csv) if csv and csv.exists() else pd.DataFrame(columns=["task", "seed"])
    done = set(zip(known["task"], known["seed"]))
    left = [(task, seed) for seed, task in itertools.product(seeds, tasks) if (task, seed) not in done]
    frames, until = [known], time.monotonic() + 60 * minutes
    for rows in _results(left, work, folder, executor, until):
        frames.append(pd.DataFrame(rows))
        if csv:
            frames[-1].to_csv(csv, mode="a", header=not csv.exists(), index=False, float_format="%.5g")
        best = frames[-1].loc[frames[-1]["accuracy"].idxmax()] if "accuracy" in frames[-1] else None
        told = "" if best is None else f": {best['strategy']} {best['accuracy']:.3f}"
        print(
            f"{sum(len(f.groupby(['task', 'seed'])) for f in frames)} done; {rows[0]['task']}, "
            f"seed {rows[0]['seed']}{told}",
            flush=True,
        )
    return pd.concat([frame for frame in frames if len(frame)], ignore_index=True)


def _results(left, work, folder: Path, executor: Executor | None, until: float) -> Iterator[list[dict]]:
    if executor is None:
        for task, seed in left:
            if time.monotonic() > until:
                return
            yield work(task, seed, folder)
        return
    for source in {BY_NAME[task].source for task, _ in left}:
        load_source(source, folder)  # before several processes want to train it
    waiting, width = set(), getattr(executor, "_max_workers", 4)
    while waiting or (left and time.monotonic() < until):
        while left and len(waiting) < width and time.monotonic() < until:
            waiting.add(executor.submit(work, *left.pop(0), folder))
        finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
        yield from (future.result() for future in finished)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--tasks", type=lambda text: text.split(";"), default=list(BY_NAME), help="names; between them ;"
    )
    parser.add_argument("--seeds", type=lambda text: [int(n) for n in text.split(",")], default=[0, 1, 2, 3])
    parser.add_argument("--csv", type=Path, help="where results are kept, and looked for")
    parser.add_argument("--advice", type=Path, help="where advice is kept, and looked for; asked for after the runs")
    parser.add_argument(
        "--gains", action="store_true", help="print gains by situation, from runs and advice that are kept"
    )
    parser.add_argument("--out", type=Path, help="page of documentation to write")
    parser.add_argument("--sources", type=Path, default=SOURCES, help="folder of source models")
    parser.add_argument("--minutes", type=float, default=np.inf, help="begin nothing after so many")
    parser.add_argument("--workers", type=int, default=1, help="processes")
    options = parser.parse_args()
    context, until = multiprocessing.get_context("spawn"), time.monotonic() + 60 * options.minutes
    if options.gains:
        advice = pd.read_csv(options.advice)
        print(gains_by_situation(pd.read_csv(options.csv), situations_of(advice)).to_string())
        return
    pool = ProcessPoolExecutor(options.workers, context) if options.workers > 1 else nullcontext()
    with pool as executor:
        told = {"folder": options.sources, "executor": executor}
        runs = run_suite(options.tasks, options.seeds, options.csv, minutes=options.minutes, **told)
        print(runs.groupby("strategy")[["accuracy", "seconds"]].mean().sort_values("accuracy").to_string())
        if options.advice:
            left = max(0.0, until - time.monotonic()) / 60
            done = runs[["task", "seed"]].drop_duplicates()
            tasks, seeds = list(done["task"].unique()), sorted(map(int, done["seed"].unique()))
            advice = run_suite(tasks, seeds, options.advice, minutes=left, work=ask_for_advice, **told)
            if options.out:
                text = "\n\n".join(part for part in __doc__.strip().split("\n\n") if not part.startswith("    "))
                options.out.write_text(document(runs, advice, text), "utf-8")


if __name__ == "__main__":
    main()
