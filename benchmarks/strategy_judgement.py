"""What the runs of the strategy suite say: gains by situation, regret of the advice, and a page of documentation."""

import numpy as np
import pandas as pd
from scipy import stats
from strategy_tasks import TASKS

BESIDE = "lp_ft"
LENT = 2.0  # tasks' worth of the mean over all situations that a situation's mean is mixed with
PARTS = ("design", "held out")
PART = {task.name: task.part for task in TASKS}


def interval(values: np.ndarray) -> str:
    """A mean with its 95 % interval over tasks, from Student's t, in points."""
    points = 100 * np.asarray(values)
    if len(points) < 2:
        return f"{points.mean():+.1f}"
    half = stats.t.ppf(0.975, len(points) - 1) * points.std(ddof=1) / np.sqrt(len(points))
    return f"{points.mean():+.1f} [{points.mean() - half:+.1f}, {points.mean() + half:+.1f}]"


def complete(runs: pd.DataFrame) -> pd.DataFrame:
    """The runs of tasks with two seeds or more; of an odd number of seeds the last one is left out."""
    kept = []
    for _, part in runs.groupby("task", sort=False):
        seeds = sorted(part["seed"].unique())
        kept.append(part[part["seed"].isin(seeds[: len(seeds) // 2 * 2])])
    return pd.concat(kept) if kept else runs[:0]


def best_in_hindsight(part: pd.DataFrame) -> float:
    """Accuracy of a task's best strategy, chosen on half of the seeds and scored on the others, both ways round."""
    table = part.pivot(index="seed", columns="strategy", values="accuracy").sort_index()
    one, other = table.iloc[::2].mean(), table.iloc[1::2].mean()
    return float((other[one.idxmax()] + one[other.idxmax()]) / 2)


def gains_by_situation(runs: pd.DataFrame, situations: pd.Series) -> pd.DataFrame:
    """Points beside `lp_ft`, one row a strategy, one column a situation; from the design tasks alone.

    Args:
        runs: of the suite.
        situations: by task and seed.
    """
    table = runs[runs["task"].map(PART) == "design"].pivot_table(
        index=["task", "seed"], columns="strategy", values="accuracy"
    )
    gains = 100 * table.sub(table[BESIDE], axis=0)
    gains["situation"] = situations.reindex(gains.index)
    by_task = gains.groupby(["situation", "task"]).mean()
    overall = by_task.groupby("situation").mean().mean()
    columns = {}
    for situation, part in by_task.groupby("situation"):
        columns[situation] = (part.sum() + LENT * overall) / (len(part) + LENT)
    return pd.DataFrame(columns).round(1)


def judge(runs: pd.DataFrame, advice: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """One row a task, by part: the best in hindsight, each strategy's accuracy, and what the advice came to."""
    runs, found = complete(runs), {part: [] for part in PARTS}
    for task, part in runs.groupby("task", sort=False):
        known = part.set_index(["seed", "strategy"])
        row = {"task": task, "best": best_in_hindsight(part), **part.groupby("strategy")["accuracy"].mean()}
        all_seconds = part.groupby("seed")["seconds"].sum()
        for mode, told in advice[advice["task"] == task].groupby("mode"):
            told = told[told["seed"].isin(part["seed"])]
            if len(told) < part["seed"].nunique():
                continue
            picked = known.loc[list(zip(told["seed"], told["strategy"]))]
            row[f"advice, {mode}"] = picked["accuracy"].mean()
            spent = told["seconds"].to_numpy() + picked["seconds"].to_numpy()
            row[f"cost, {mode}"] = float((spent / all_seconds.loc[told["seed"]].to_numpy()).mean())
            row[f"picks, {mode}"] = ", ".join(dict.fromkeys(told["strategy"]))
        found[PART[task]].append(row)
    return {part: pd.DataFrame(rows).set_index("task") for part, rows in found.items() if rows}


def verdict_lines(table: pd.DataFrame) -> list[str]:
    """Regret, the best fixed strategy and the cost, for each way of advising."""
    lines = []
    strategies = [c for c in table if "," not in c and c != "best"]
    for mode in ("evidence", "trial"):
        if f"advice, {mode}" not in table:
            continue
        rows = table.dropna(subset=[f"advice, {mode}"])
        told = rows[f"advice, {mode}"]
        fixed = rows[strategies].mean().sort_values(ascending=False)
        share = 100 * rows[f"cost, {mode}"].mean()
        lines.append(
            f"- By {mode}, tasks judged: {len(rows)}; regret {interval(rows['best'] - told)} points; beside the best "
            f"fixed strategy, {fixed.index[0]}, {interval(told - rows[fixed.index[0]])}; beside the second, "
            f"{fixed.index[1]}, {interval(told - rows[fixed.index[1]])}; cost {share:.0f} % of trying all."
        )
    return lines


def _markdown(table: pd.DataFrame) -> list[str]:
    columns = [table.index.name or "", *table.columns]
    cells = [[str(index), *map(str, row)] for index, row in zip(table.index, table.to_numpy())]
    return [
        "| " + " | ".join(columns) + " |",
        "|" + "---|" * len(columns),
        *("| " + " | ".join(row) + " |" for row in cells),
    ]


def document(runs: pd.DataFrame, advice: pd.DataFrame, introduction: str) -> str:
    """The page of documentation."""
    parts, used = judge(runs, advice), complete(runs)
    seeds = used.groupby("task")["seed"].nunique()
    lines = ["# The strategy suite", "", introduction, ""]
    finished = (
        f"Finished: {len(seeds)} of {len(TASKS)} tasks with {seeds.min()} to {seeds.max()} seeds each. The best "
        "strategy of a task is chosen on half of its seeds and scored on the others. Intervals (95 %) are over tasks, "
        "from Student's t. Cost is processor time, compiling included."
    )
    lines += [finished, ""]
    if len(seeds) < len(TASKS):
        lines += ["This is a beginning: the command goes on where it was broken off, and few tasks settle little.", ""]
    lines += ["## The advice", ""]
    for part, table in parts.items():
        lines += [
            f"On tasks that are {part}:"
            if part == "held out"
            else "On the design tasks, by which the rules were made:",
            "",
            *verdict_lines(table),
            "",
        ]
    lines += ["## The strategies", "", "Mean accuracy, the gain beside `lp_ft` in points, and processor seconds.", ""]
    columns = {}
    for part, table in parts.items():
        strategies = [c for c in table if "," not in c and c != "best"]
        columns[f"{part}: accuracy"] = table[strategies].mean().map("{:.3f}".format)
        columns[f"{part}: beside {BESIDE}"] = pd.Series({s: interval(table[s] - table[BESIDE]) for s in strategies})
    columns["seconds"] = used.groupby("strategy")["seconds"].mean().map("{:.1f}".format)
    means = used.groupby("strategy")["accuracy"].mean().sort_values(ascending=False).index
    summary = pd.DataFrame(columns).reindex(means)
    summary.index.name = "strategy"
    lines += [*_markdown(summary), "", "## Task by task", ""]
    for part, table in parts.items():
        shown = pd.DataFrame({"best in hindsight": table["best"].map("{:.3f}".format)})
        for mode in ("evidence", "trial"):
            if f"advice, {mode}" in table:
                shown[f"advice by {mode}"] = table[f"advice, {mode}"].map("{:.3f}".format)
                shown[f"which ({mode})"] = table[f"picks, {mode}"]
        for name in ("linear_probe", BESIDE, "from_scratch"):
            shown[name] = table[name].map("{:.3f}".format)
        shown.index.name = part
        lines += [*_markdown(shown), ""]
    return "\n".join(lines)


def situations_of(advice: pd.DataFrame) -> pd.Series:
    """The situation that evidence told, by task and seed."""
    return advice[advice["mode"] == "evidence"].set_index(["task", "seed"])["situation"]
