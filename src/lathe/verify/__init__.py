"""Be sure: verdicts on recipes, by programs that test themselves.

A `Judge` compiles the programs of a `Suite` with a recipe, runs them in a `Sandbox`, and compares what they do with
their unoptimised builds; the answer is a `Verdict`. Extended through the table `SUITES`. docs/correctness.md says what
is covered and what is not. `launcher.py` is the one file outside `llvm/` with ctypes: it asks the kernel for help.
"""

from lathe.verify.alive import compare_with_alive, find_alive_tv
from lathe.verify.comparison import Comparison, Finding, FunctionFinding
from lathe.verify.gate import Gate
from lathe.verify.judge import Judge, default_verdict_path
from lathe.verify.launcher import Finished, Limits, Protection, describe_protection
from lathe.verify.sandbox import Sandbox
from lathe.verify.sources import SUITES, SourceSetting
from lathe.verify.suite import Case, Suite, SuiteProgram, digest_programs, prepare_suite
from lathe.verify.verdict import Decision, Evidence, Outcome, Verdict
from lathe.verify.vetting import Vetting, load_vetting

__all__ = [
    "SUITES",
    "Case",
    "Comparison",
    "Decision",
    "Evidence",
    "Finding",
    "Finished",
    "FunctionFinding",
    "Gate",
    "Judge",
    "Limits",
    "Outcome",
    "Protection",
    "Sandbox",
    "SourceSetting",
    "Suite",
    "SuiteProgram",
    "Verdict",
    "Vetting",
    "compare_with_alive",
    "default_verdict_path",
    "describe_protection",
    "digest_programs",
    "find_alive_tv",
    "load_vetting",
    "prepare_suite",
]
