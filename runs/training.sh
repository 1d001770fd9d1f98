#!/bin/sh
# From a corpus to a network with its card: tokenizer, data sets, shards, training, evaluation, export.
#
#     runs/training.sh CORPUS RUN.toml [WORK]
#
# WORK (default: data, where the run's paths point) holds rows, shards and OUT. Run again, it goes on where it stopped.
# MOST is how many functions of a project are taken, PROGRAMS how many programs for tuning (all functions of them),
# COMPILES how long each recipe is searched for after the broadcast, CONTEXT the longest example in tokens.
set -eu
corpus=$1 run=$2 work=${3:-data}
lathe=${LATHE:-lathe} python=${PYTHON:-python3}
most=${MOST:-2000} compiles=${COMPILES:-0} context=${CONTEXT:-2048} vocabulary=${VOCABULARY:-8192}
programs=${PROGRAMS:-$((most / 10))}

mkdir -p "$work"
if [ ! -e "$work/tokenizer.json" ]; then
    "$python" "$(dirname "$0")/tokenizer.py" --corpus "$corpus" --out "$work" --sizes "$vocabulary"
    cp "$work/tokenizer-$vocabulary.json" "$work/tokenizer.json"
fi

# rows SPLIT FOLDER MOST PROGRAMS: the data sets of a split, and their shards
rows() {
    for task in code emulation disassembly tuning; do
        take=$3
        [ "$task" = tuning ] && take=$4
        "$lathe" dataset "$task" "$corpus" -o "$work/rows/$2/$task" --split "$1" --most-of-project "$take" \
            --most-bytes $((5 * context)) --compiles "$compiles"
        [ -e "$work/$2/$task/summary.json" ] ||
            "$lathe" dataset pack "$work/rows/$2/$task" -o "$work/$2/$task" --tokenizer "$work/tokenizer.json" \
                --most-tokens "$context"
    done
}
rows train packed "$most" "$programs"
rows validation held-out $((most / 5 + 1)) $((programs / 5 + 1))

out=$work/$(basename "$run" .toml)
"$lathe" train "$run" -o "$out"
for network in "$out"/stages/* "$out/network"; do # what the GGUF file answers counts, since that is what ships
    export=$out/export/$(basename "$network")
    mkdir -p "$out/export"
    [ -e "$export" ] || "$lathe" export "$network" -o "$export" --gguf q8_0
    [ -e "$export/metrics.json" ] ||
        "$lathe" evaluate checkpoint "$export" "$work/rows/held-out/emulation" "$work/rows/held-out/tuning" \
            "$work/rows/held-out/disassembly" --save
done
