"""A run is killed at random moments (SIGKILL) and resumed: is it the same run?

    python3 dev.py bench kill_and_resume [--kills 50] [--seed 0] [--csv kept.csv] [--out docs/kill_and_resume.md]

About 15 minutes. With `--csv`, kills that are in that file already are not repeated, so a command that was broken off
goes on where it was; with `--seconds` it breaks off by itself.

Four runs are trained undisturbed: with the features of frozen layers cached and not, under Adam and under SGD with
momentum. Each has three phases, the head alone with a plateau schedule, low-rank adaptation of the body, and all layers
with a cosine schedule, with Dropout, BatchNormalization, L2-SP, validation and early stopping. Then the same runs are
begun again, each in a process of its own that is killed after a random share of its time, and resumed in another one.
The moments are spread evenly over the time of the run, so that all phases are hit. Told for each: where it was killed,
how many finished epochs were lost (a checkpoint is due after each), whether it could be resumed, and whether the final
weights are those of the undisturbed run, bit for bit; with them history, best epoch and the proof of what was frozen.
"""

import argparse
import hashlib
import json
import math
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import textwrap
import time
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import pandas as pd

from tl_toolkit.checkpoints import CheckpointFolder
from tl_toolkit.event_log import EventReader
from tl_toolkit.events import EpochEnded, EpochStarted, PhaseStarted

SETTINGS = [(cache, optimizer) for cache in (True, False) for optimizer in ("adam", "sgd")]
PRELOADED = ["tl_toolkit.resuming", "tl_toolkit.samples"]


def data(samples: int = 1024):
    """Points in two overlapping clouds."""
    import numpy as np

    rng = np.random.default_rng(0)
    y = np.arange(samples) % 2
    x = (rng.normal(size=(samples, 16)) + 0.4 * y[:, None]).astype("float32")
    return (x, y), (x[: samples // 4], y[: samples // 4])


def network():
    """A small network with everything that is easily forgotten."""
    import keras

    keras.utils.set_random_seed(0)
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((16,)),
            layers.Dense(64, activation="relu", name="first"),
            layers.BatchNormalization(name="norm"),
            layers.Dropout(0.1, name="drop"),
            layers.Dense(32, activation="relu", name="second"),
            layers.Dense(2, activation="softmax", name="head"),
        ],
        name="network",
    )


def recipe(epochs: int):
    """Head, low-rank adaptation, everything."""
    from tl_toolkit.freeze import FreezePlan
    from tl_toolkit.recipes import Phase, Recipe
    from tl_toolkit.schedules import Schedule

    head = FreezePlan.head_only()
    plateau, everything = Schedule.reduce_on_plateau(0.5, patience=2), FreezePlan.all_trainable().batchnorm("train")
    phases = (
        Phase(head, epochs, 1e-2, "Head", plateau),
        Phase(head.lora("second", 2), epochs, 1e-2, "Adaptation"),
        Phase(everything, epochs, 1e-3, "Everything", Schedule.cosine()),
    )
    return Recipe("killed", phases)


def train(directory: str, number: int, epochs: int, again: bool) -> None:
    """Begins a run in this process, or resumes it, and leaves a digest of its final weights in the directory."""
    import keras

    from tl_toolkit.resuming import resume
    from tl_toolkit.train import fine_tune

    cache, optimizer = SETTINGS[number]
    samples, validation = data()
    callbacks = [keras.callbacks.EarlyStopping("val_loss", patience=epochs - 2)]
    if again:
        run = resume(directory, samples, validation, callbacks=callbacks, monitor="silent")
    else:
        options = dict(cache=cache, optimizer=optimizer, l2_sp=0.1, callbacks=callbacks, monitor="silent")
        options |= dict(directory=directory, checkpoint_every=0, recipe=recipe(epochs))
        run = fine_tune(network(), samples, validation, **options)
    digest = hashlib.blake2b(b"".join(weight.tobytes() for weight in run.model.get_weights())).hexdigest()
    told = run.history.drop(columns="seconds").to_csv() + str(run.best_epoch) + repr(run.proof)
    temporary = Path(directory) / "digest.part"
    temporary.write_text(json.dumps([digest, told]))
    temporary.replace(Path(directory) / "digest.json")


def digest_in(directory: Path) -> list[str]:
    """What `train` left."""
    return json.loads((directory / "digest.json").read_text())


@dataclass
class Kill:
    """One run that was killed and resumed."""

    setting: int
    killed_in: str
    done: int
    kept: int
    readable: bool
    same_weights: bool
    same_history: bool

    @property
    def lost(self) -> int:
        """Finished epochs that had to be trained again."""
        return self.done - self.kept


class Killer:
    """Trains, kills and resumes runs in processes that share nothing but the imported libraries.

    Args:
        folder: where the runs are kept.
        epochs: of each phase.
    """

    def __init__(self, folder: Path, epochs: int = 12):
        self.folder, self.epochs = folder, epochs
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(PRELOADED)
        self._expected: dict[int, list[str]] = {}
        self._times: dict[int, float] = {}

    def _start(self, directory: Path, setting: int, again: bool = False):
        process = self._context.Process(target=train, args=(str(directory), setting, self.epochs, again))
        process.start()
        return process

    def _wait_for_beginning(self, directory: Path, process) -> None:
        while not (directory / "checkpoints" / "000000.state").exists():
            if not process.is_alive():
                raise RuntimeError(f"the run in {directory} ended with {process.exitcode} before it began")
            time.sleep(0.002)

    def undisturbed(self, setting: int) -> None:
        """Trains a run to its end and remembers what came of it and how long it took."""
        directory = self.folder / f"undisturbed{setting}"
        process = self._start(directory, setting)
        self._wait_for_beginning(directory, process)
        began = time.perf_counter()
        while not (directory / "result.json").exists():
            if not process.is_alive():
                raise RuntimeError(f"the run in {directory} ended with {process.exitcode}")
            time.sleep(0.002)
        self._times[setting] = time.perf_counter() - began
        process.join()
        self._expected[setting] = digest_in(directory)

    def kill(self, number: int, setting: int, share: float) -> Kill:
        """Kills a run when a share of its usual time has passed, and resumes it."""
        if setting not in self._expected:
            self.undisturbed(setting)
        for attempt in range(10):
            directory = self.folder / f"killed{number}-{attempt}"
            process = self._start(directory, setting)
            self._wait_for_beginning(directory, process)
            time.sleep(share * self._times[setting] * 0.8**attempt)
            if not (directory / "result.json").exists():
                break
            process.join()  # it was faster than the undisturbed one
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        where, done = self._whereabouts(directory)
        try:
            kept, _ = CheckpointFolder(directory).latest()
            kept = kept["state"]["epochs"]
            resumed = self._start(directory, setting, again=True)
            resumed.join()
            digest, told = digest_in(directory) if resumed.exitcode == 0 else (None, None)
        except Exception as reason:
            print(f"run {number}: {type(reason).__name__}: {reason}")
            return Kill(setting, where, done, -1, False, False, False)
        expected = self._expected[setting]
        return Kill(setting, where, done, kept, digest is not None, digest == expected[0], told == expected[1])

    def _whereabouts(self, directory: Path) -> tuple[str, int]:
        phase, epoch, done = 0, None, 0
        for event in EventReader(directory).read():
            if isinstance(event, PhaseStarted):
                phase, epoch = event.phase, None
            elif isinstance(event, EpochStarted):
                epoch = event.epoch
            elif isinstance(event, EpochEnded):
                epoch, done = None, done + 1
        return f"{phase + 1}, {'between' if epoch is None else f'epoch {epoch + 1}'}", done


def spread(kills: int, seed: int) -> list[tuple[int, float]]:
    """The settings and the moments: each setting gets its share, and its moments are spread over the whole time."""
    rng = random.Random(seed)
    plan = []
    for setting in range(len(SETTINGS)):
        count = len(range(setting, kills, len(SETTINGS)))
        plan += [(setting, (i + rng.random()) / count) for i in range(count)]
    rng.shuffle(plan)
    return plan


COLUMNS = ["run", "cached", "optimizer", "phase", "killed in", "done", "kept", "lost", "resumed", "weights", "history"]


def row_of(number: int, kill: Kill) -> list:
    """A kill as a row of the table."""
    phase, where = kill.killed_in.split(", ")
    flags = [("no", "yes")[flag] for flag in (kill.readable, kill.same_weights, kill.same_history)]
    cache, optimizer = SETTINGS[kill.setting]
    return [number, ("no", "yes")[cache], optimizer, phase, where, kill.done, kill.kept, kill.lost, *flags]


def summary(table) -> str:
    """What the table comes to, in Markdown."""
    count, hits = len(table), table[["resumed", "weights", "history"]].eq("yes").sum()
    phases = [int(table["phase"].astype(str).eq(phase).sum()) for phase in "123"]
    cached = int(table["cached"].eq("yes").sum())
    lines = [
        f"{count} kills: {phases[0]}, {phases[1]} and {phases[2]} in the three phases, {cached} of them of cached runs",
        f"resumed: {hits['resumed']} of {count}",
        f"bit-identical weights: {hits['weights']} of {count}",
        f"same history, best epoch and proof: {hits['history']} of {count}",
        f"most epochs lost: {table['lost'].max()} (a checkpoint is due after each)",
    ]
    return "\n".join(f"- {line}" for line in lines)


def markdown(table) -> str:
    """The page of the documentation."""
    words = " ".join(__doc__.split("\n\n", 3)[3].split())
    rows = ["| " + " | ".join(map(str, row)) + " |" for row in table.itertuples(index=False)]
    lines = ["# Killed and resumed", "", *textwrap.wrap(words, 120), "", summary(table), ""]
    return "\n".join([*lines, "| " + " | ".join(table.columns) + " |", "|" + "---|" * len(table.columns), *rows, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=12, help="of each of the three phases")
    parser.add_argument("--csv", help="where each kill is kept, and looked for")
    parser.add_argument("--seconds", type=float, default=math.inf, help="kill no other one when so many have passed")
    parser.add_argument("--out", help="Markdown file to write")
    options = parser.parse_args()
    began, kept = time.perf_counter(), Path(options.csv) if options.csv else None
    table = pd.read_csv(kept) if kept and kept.exists() else pd.DataFrame(columns=COLUMNS)
    with tempfile.TemporaryDirectory() as folder:
        killer = Killer(Path(folder), options.epochs)
        print(*COLUMNS, sep="  ")
        plan = sorted(enumerate(spread(options.kills, options.seed), 1), key=lambda entry: entry[1][0])
        for number, (setting, share) in plan:
            if number in set(table["run"]) or time.perf_counter() - began > options.seconds:
                continue
            row = row_of(number, killer.kill(number, setting, share))
            print(*row, sep="  ", flush=True)
            table.loc[len(table)] = row
            if kept:
                table.to_csv(kept, index=False)
    if len(table) < options.kills:
        print(f"{len(table)} of {options.kills} kills; the same command goes on.")
        sys.exit(75)
    table = table.sort_values("run")
    print(f"\n{summary(table)}")
    if options.out:
        Path(options.out).write_text(markdown(table), "utf-8")


if __name__ == "__main__":
    main()
