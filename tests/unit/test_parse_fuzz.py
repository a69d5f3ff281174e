"""Each fuzz target for half a second; test-long gives it a minute, tests/fuzz/fuzz_reading.py as long as asked."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from fuzzing import HANG_SECONDS, run

FUZZER = Path(__file__).parent.parent / "fuzz" / "fuzz_reading.py"


def _fuzzer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fuzz_reading", FUZZER)
    assert spec is not None
    assert spec.loader is not None
    fuzzer = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    spec.loader.exec_module(fuzzer)
    sys.path[:] = before  # the installed package is tested, not the tree that the fuzzer finds by itself
    return fuzzer


TARGETS = {target.name: target for target in _fuzzer().targets()}


@pytest.mark.parametrize("seconds", [0.5, pytest.param(60, marks=pytest.mark.long)])
@pytest.mark.parametrize("name", TARGETS)
def test_mutated_input_breaks_no_reader(name: str, seconds: float) -> None:
    outcome = run(TARGETS[name], seconds=seconds, seed=2)
    assert outcome.failed is None, f"make a test of this input and mend it: {outcome.failed!r}"
    assert outcome.executions > 5
    assert outcome.slowest < HANG_SECONDS
