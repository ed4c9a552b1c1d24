"""A run that is killed and resumed is the same run: a few kills; `dev.py bench kill_and_resume` does fifty."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))
from kill_and_resume import SETTINGS, Killer


@pytest.mark.parametrize("setting", [0, 3], ids=lambda n: f"{SETTINGS[n][1]}, {'' if SETTINGS[n][0] else 'not '}cached")
def test_killed_runs_go_on_as_if_nothing_had_happened(setting, tmp_path):
    killer = Killer(tmp_path, epochs=5)
    kills = [killer.kill(number, setting, share) for number, share in enumerate((0.45, 0.75))]
    assert all(kill.readable and kill.same_weights and kill.same_history for kill in kills), kills
    assert all(0 <= kill.lost <= 1 for kill in kills), kills
