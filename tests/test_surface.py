"""The public surface, pinned: a name that appears or disappears is a decision, made here."""

from __future__ import annotations

import importlib
import inspect

import pytest

SURFACE = {
    "lathe": ["__version__", "disassemble", "emulate", "tune"],
    "lathe.errors": [
        "CompileError", "InputError", "LatheError", "LockError", "ModelError", "OutputError", "RecipeError",
        "SandboxError", "ToolchainError", "TrainingError", "UsageError", "VerdictError",
    ],
    "lathe.llvm": [
        "C_SUFFIXES", "IR_SUFFIXES", "LEVELS", "NAME_PASS", "OBJECTIVES", "PIECE_FLAG", "SUPPORTED_VERSIONS",
        "TRAP_FLAG", "Cache", "Catalogue", "Closing", "Command", "Engine", "FunctionSymbol", "Kept", "Measurement",
        "Module", "ObjectSizes", "Objective", "Option", "OptionEntry", "Pass", "PassEntry", "Piece", "Recipe",
        "Replay", "Split", "Status", "Store", "Target", "Toolchain", "Unit", "compile_baseline", "compile_unit",
        "count_loadable", "default_cache_path", "estimate_run_time", "find_cache_folder", "find_toolchain",
        "join_functions", "join_objects", "list_toolchains", "load_catalogue", "load_unit", "make_command",
        "measure_object", "name_cache_folder", "nest_passes", "normalise_assembly", "normalise_ir", "parse_pass",
        "parse_recipe", "read_cc1_target", "read_functions", "read_pipeline", "read_sections", "read_sizes",
        "read_unit_target", "repeat_commands", "run_aside", "split_text",
    ],
    "lathe.build": [
        "MODES", "Binary", "BuildReport", "BuildResult", "Command", "Configuration", "Entry", "Function",
        "ImageResult", "Lock", "ObjectResult", "Part", "Record", "RecipeUse", "Request", "Whole", "Word",
        "asks_what_it_can", "digest_module", "digest_piece", "digest_pieces", "expand_words", "find_entry", "is_image",
        "link_whole", "make_page", "make_report", "measure_file", "name_object", "read_command", "read_configuration",
        "read_lock", "read_records", "read_whole_target", "relink", "split_command", "tune_build", "tune_entries",
        "update_lock", "write_record",
    ],
    "lathe.verify": [
        "CHECKERS", "SUITES", "Case", "Checker", "Comparison", "Decision", "Differential", "Evidence",
        "Finding", "Finished", "FunctionFinding", "Gate", "Judge", "Limits", "Linker", "Outcome", "Protection",
        "Reduction", "Sandbox", "SandboxPool", "SourceSetting", "StagedJudge", "Suite", "SuiteProgram",
        "UserTest", "Verdict", "Vetting", "check_report_folder", "compare_texts", "compare_with_alive",
        "default_verdict_path", "describe_protection", "digest_programs", "find_alive_tv", "find_checker",
        "find_verdict", "load_vetting", "prepare_suite", "reduce_failure", "write_report",
    ],
    "lathe.corpus": [
        "EXECUTORS", "HELD_OUT", "KINDS", "SOURCES", "SPLITS", "Addition", "Batch", "Corpus", "Done", "Function",
        "Origin", "Program", "Ready", "Shard", "Shares", "SourceSetting", "add_batches", "cut_functions", "find_csmith",
        "hash_functions", "make_usual_module", "read_rows", "refuse_held_out", "replace_file", "run_shards",
        "split_corpus", "write_rows",
    ],
    "lathe.tasks": [
        "EMBEDDED", "HEADS", "MODELS", "SAMPLINGS", "SCORERS", "TASKS", "TRIPLES", "Answer", "AskSetting",
        "BuildSetting", "Confidence", "Effort", "Labelled", "Lifted", "Maker", "Model", "ObjectCode",
        "OwnModel", "PackSetting", "Prediction", "PromptedModel", "Proposal", "Reader", "Reading", "RecipeRule",
        "Row", "Score", "Standing", "Task", "TooLongError", "Truth", "ValueRule", "build_dataset",
        "check_prediction", "digest_model", "draw_recipe", "encode_prompt", "encode_row", "find_assembly_fault",
        "find_folder", "find_log_odds", "has_inline_assembly", "is_code", "lift_function", "list_pieces",
        "list_tasks", "list_words", "lower_function", "lower_text", "make_code", "make_disassembly",
        "make_emulation", "make_label", "make_proposer", "make_tuning", "open_model", "open_reader",
        "pack_datasets", "predict_output", "read_answer", "read_confidences", "read_dataset", "read_object",
        "read_pass_list", "read_words", "split_assembly", "summarise", "target_function", "write_prompt",
    ],
    "lathe.model": [
        "TAGS", "Completion", "Decoder", "Decoding", "EmbeddedDecoder", "Rule", "ServerGenerator", "ServerSetting",
        "TextGenerator", "TokenExample", "TokenShard", "Tokenizer", "compress_shard", "decode", "expand_shard",
        "sample_by_priority", "sample_nucleus", "search_beams", "write_shard",
    ],
    "lathe.training": [
        "ACCELERATORS", "GGUF_TYPES", "SIZES", "Accelerator", "Batch", "Checkpoint", "Feed", "Learner",
        "LoopSetting", "Lora", "Memory", "NetworkDecoder", "NetworkText", "Optimiser", "Parameters", "Published",
        "Run", "Shape", "ShardFolder", "Stage", "StageCost", "Step", "Validation", "count_flops", "estimate_memory",
        "estimate_stages", "export_network", "find_checkpoint", "find_device", "load_network", "make_config",
        "make_network", "measure_loss", "read_run", "read_shape", "train", "use_streams", "write_card",
    ],
    "lathe.evaluation": [
        "CONTEXT", "GENERAL", "GROUPINGS", "PROTOCOL", "WAYS", "AnswerEvaluation", "Arena", "CopyModel",
        "Evaluation", "EvaluationSetting", "Group", "Metrics", "NextTokenEvaluation", "Plot", "Reliability",
        "Report", "ResultFolder", "RunTime", "Section", "Stopwatch", "Subject", "SubjectSetting", "Subjects",
        "Table", "TuningEvaluation", "check_ways", "choose_subjects", "describe_machine",
        "describe_versions", "evaluate",
        "evaluate_general", "run_evaluation", "write_report",
    ],
    "lathe.tuning": [
        "Emit", "Examination", "Examiners", "Granularity", "Listener", "Request", "Tuned",
        "choose_granularity", "tune_all",
    ],
    "lathe.search": [
        "MAX_SLOWDOWN", "STAGES", "STRATEGIES", "Budget", "FunctionResult", "Plan", "PlanResult", "Prior",
        "Propose", "Result", "Selection", "Setting", "Space", "SpeedGuard", "StagedModule", "StopReason",
        "Strategy", "Trial", "default_space", "delete_at", "find_objective", "find_strategy", "first_stages",
        "kind_of", "leave_one_out", "list_vetted", "load_portfolio", "load_prior", "may_stand", "minimise", "paths_of",
        "plain_after", "select_recipes", "share_seconds", "take_apart", "take_turns", "tune", "tune_functions",
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", SURFACE)
def test_exported_names(name: str) -> None:
    assert sorted(importlib.import_module(name).__all__) == sorted(SURFACE[name])


@pytest.mark.parametrize("name", SURFACE)
def test_every_exported_callable_is_documented(name: str) -> None:
    module = importlib.import_module(name)
    for exported in module.__all__:
        value = getattr(module, exported)
        if inspect.isclass(value) or inspect.isfunction(value):
            assert value.__doc__, f"{name}.{exported}"


def test_exit_codes_are_distinct_and_documented() -> None:
    errors = importlib.import_module("lathe.errors")
    codes = {n: getattr(errors, n).exit_code for n in errors.__all__}
    assert len(set(codes.values())) == len(codes)
    text = (importlib.import_module("pathlib").Path(__file__).parent.parent / "docs" / "exit-codes.md").read_text()
    for name, code in codes.items():
        assert f"| {code} | `{name}` |" in text
