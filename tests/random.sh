#!/usr/bin/env bash
# Try every random test with fresh seeds, round after round.
#
#   bash tests/random.sh [MINUTES [TIMES [OPTION...]]]
#
# MINUTES (10) is for how long rounds are begun, TIMES (1) how many times the usual number of cases each has; options
# go to cargo: `tests/random.sh 600 20 --release` takes long to build and then tries ten times as many. A test that
# fails is told with its seed and the command that repeats it, and the rest goes on. The end is 1 if one failed.
# GRADTAPE_SEED, if set, is the seed of the first round; the next rounds count on from there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

minutes=${1:-10}
export GRADTAPE_TIMES=${2:-1}
seed=${GRADTAPE_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}

# With the checks of a debug build in any.
export CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS=true CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS=true
cargo=(cargo test --features full "${@:3}")

# The unit tests, and the targets that draw numbers, by what they include.
targets=(--lib)
uses='common/(property|seed)\.rs|pub mod (property|seed);'
while read -r target; do
    targets+=("--test=$target")
done < <(grep -rlE "$uses" tests --include='*.rs' --exclude-dir=common --exclude-dir=layering |
    sed -E 's,^tests/,,; s,/.*,,; s,\.rs$,,' | sort -u)
"${cargo[@]}" --no-run "${targets[@]}"

# What was built is kept aside: the sources may change meanwhile.
kept=$(mktemp -d)
trap 'rm -rf "$kept"' EXIT
output=$kept/output
for target in "${targets[@]}"; do
    built=$("${cargo[@]}" --no-run "$target" 2>&1 | sed -nE 's/^ *Executable .*\((.*)\)$/\1/p')
    cp "$built" "$kept/$target"
done
failures=()
rounds=0
# The building does not count.
SECONDS=0
while ((SECONDS < 60 * minutes)); do
    export GRADTAPE_SEED=$seed
    for target in "${targets[@]}"; do
        "$kept/$target" >"$output" 2>&1 && continue
        cat "$output"
        # The names at the end of the output; none if the process died.
        mapfile -t names < <(sed -nE '/^failures:$/,$ s/^    ([A-Za-z0-9_:]+)$/\1/p' "$output" | sort -u)
        for name in "${names[@]:-}"; do
            again="GRADTAPE_SEED=$seed GRADTAPE_TIMES=$GRADTAPE_TIMES ${cargo[*]} $target -- $name"
            printf '\nseed %s: repeat it with\n  %s\n' "$seed" "$again"
            failures+=("$again")
        done
    done
    rounds=$((rounds + 1))
    seed=$((seed + 1))
    printf '%s rounds in %s s, %s failures\n' "$rounds" "$SECONDS" "${#failures[@]}"
done

if ((${#failures[@]})); then
    printf '%s\n' "failed:" "${failures[@]}"
    exit 1
fi
