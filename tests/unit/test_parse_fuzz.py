"""Five seconds of the reading fuzzer; tests/fuzz/fuzz_reading.py runs it for longer."""

import importlib.util
from pathlib import Path

FUZZER = Path(__file__).parent.parent / "fuzz" / "fuzz_reading.py"


def test_mutated_letters_break_no_reader() -> None:
    spec = importlib.util.spec_from_file_location("fuzz_reading", FUZZER)
    assert spec is not None
    assert spec.loader is not None
    fuzzer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fuzzer)
    executions, slowest, failed = fuzzer.run(5, seed=2)
    assert failed is None, f"write these bytes to tests/letters and mend it: {failed!r}"
    assert executions > 100
    assert slowest < fuzzer.HANG_SECONDS
