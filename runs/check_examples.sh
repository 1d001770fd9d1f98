#!/bin/sh
# Link every object in a folder and run it: each example checks itself and prints "NAME: ok".
#   sh runs/check_examples.sh FOLDER
set -eu
count=0
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for object in "$1"/*.o; do
    c++ "$object" -o "$folder/program"
    answer=$("$folder/program")
    case $answer in
        *": ok") count=$((count + 1)) ;;
        *) echo "$object failed: $answer" >&2; exit 1 ;;
    esac
done
echo "All $count tuned programs link, run and pass their own checks."
