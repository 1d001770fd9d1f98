"""Be sure: verdicts on recipes, by programs that test themselves.

A `Judge` compiles the programs of a `Suite` with a recipe, runs them in a `Sandbox`, and compares what they do with
their unoptimised builds; the answer is a `Verdict`, and the `Gate` is what `tune` asks for one. A `Checker` looks at
the tuned module itself: `Comparison`. `reduce_failure` makes what is rejected small enough to report. Extended through
the tables `SUITES` and `CHECKERS`. docs/correctness.md says what is covered and what is not. `launcher.py` is the one
file outside `llvm/` with ctypes: it asks the kernel for help.
"""

from lathe.verify.alive import compare_texts, compare_with_alive, find_alive_tv
from lathe.verify.checkers import CHECKERS, find_checker
from lathe.verify.comparison import Checker, Comparison, Finding, FunctionFinding
from lathe.verify.differential import Differential
from lathe.verify.gate import Gate
from lathe.verify.judge import Judge, default_verdict_path, find_verdict
from lathe.verify.launcher import Finished, Limits, Protection, describe_protection
from lathe.verify.linking import Linker
from lathe.verify.reduction import Reduction, reduce_failure
from lathe.verify.report import check_report_folder, write_report
from lathe.verify.sandbox import Sandbox, SandboxPool
from lathe.verify.sources import SUITES, SourceSetting
from lathe.verify.staged import StagedJudge
from lathe.verify.suite import Case, Suite, SuiteProgram, digest_programs, prepare_suite
from lathe.verify.user_test import UserTest
from lathe.verify.verdict import Decision, Evidence, Outcome, Verdict
from lathe.verify.vetting import Vetting, load_vetting

__all__ = [
    "CHECKERS",
    "SUITES",
    "Case",
    "Checker",
    "Comparison",
    "Decision",
    "Differential",
    "Evidence",
    "Finding",
    "Finished",
    "FunctionFinding",
    "Gate",
    "Judge",
    "Limits",
    "Linker",
    "Outcome",
    "Protection",
    "Reduction",
    "Sandbox",
    "SandboxPool",
    "SourceSetting",
    "StagedJudge",
    "Suite",
    "SuiteProgram",
    "UserTest",
    "Verdict",
    "Vetting",
    "check_report_folder",
    "compare_texts",
    "compare_with_alive",
    "default_verdict_path",
    "describe_protection",
    "digest_programs",
    "find_alive_tv",
    "find_checker",
    "find_verdict",
    "load_vetting",
    "prepare_suite",
    "reduce_failure",
    "write_report",
]
