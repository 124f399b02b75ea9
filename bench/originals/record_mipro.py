"""Records what MIPROv2 of dspy decides in a small scripted world, for test/recorded-mipro.test.ts.

    python3 -m venv venv && venv/bin/pip install dspy==3.4.1 optuna
    venv/bin/python bench/originals/record_mipro.py test/records

No model is asked: the instruction of every predictor is a digit, and an example accepts some digits of each. Instructions are scripted, there are
no demonstrations, and every trial is scored on all validation data, so that nothing is drawn but the combinations. A record has the world, the
combination and the score of every trial, and the result.
"""

import json
import logging
import os
import random
import sys
from importlib.metadata import version

import dspy
from dspy.teleprompt import MIPROv2
from dspy.utils import DummyLM

COMPONENTS = ["extract", "answer"]
DIGITS, CANDIDATES, VALIDATE, TRIALS, RUNS = 10, 5, 8, 12, 3


class Program(dspy.Module):
    def __init__(self):
        super().__init__()
        for name in COMPONENTS:
            setattr(self, name, dspy.Predict(dspy.Signature("question -> reply", "0")))

    def forward(self, accepted):
        digits = [int(getattr(self, name).signature.instructions) for name in COMPONENTS]
        return dspy.Prediction(right=sum(digit in wanted for digit, wanted in zip(digits, accepted)) / len(COMPONENTS))


class Scripted(MIPROv2):
    """Searches among given instructions."""

    def _bootstrap_fewshot_examples(self, *args, **options):
        return None

    def _propose_instructions(self, *args, **options):
        return self.instructions


def record(seed):
    stream = random.Random(f"world {seed}")
    examples = [[sorted(stream.sample(range(DIGITS), stream.choice([1, 2, 3, 4]))) for _ in COMPONENTS] for _ in range(VALIDATE)]
    others = [stream.sample(range(1, DIGITS), CANDIDATES - 1) for _ in COMPONENTS]
    instructions = {at: ["0", *map(str, digits)] for at, digits in enumerate(others)}
    data = [dspy.Example(accepted=accepted).with_inputs("accepted") for accepted in examples]
    lm = DummyLM([])
    search = Scripted(
        metric=lambda example, prediction, trace=None: prediction.right,
        prompt_model=lm,
        task_model=lm,
        auto=None,
        num_candidates=CANDIDATES,
        max_bootstrapped_demos=0,
        max_labeled_demos=0,
        num_threads=1,
        seed=seed,
    )
    search.instructions = instructions
    best = search.compile(Program(), trainset=data, valset=data, num_trials=TRIALS, minibatch=False, seed=seed)
    logs = [log for _, log in sorted(best.trial_logs.items()) if "0_predictor_instruction" in log]
    return {
        "package": f"dspy {version('dspy')}",
        "seed": seed,
        "components": COMPONENTS,
        "instructions": [instructions[at] for at in range(len(COMPONENTS))],
        "validate": examples,
        "trials": [
            {
                "picks": [log[f"{at}_predictor_instruction"] for at in range(len(COMPONENTS))],
                "score": log["full_eval_score"],
            }
            for log in logs
        ],
        "best": [getattr(best, name).signature.instructions for name in COMPONENTS],
    }


def main(folder):
    logging.disable(logging.INFO)
    os.makedirs(folder, exist_ok=True)
    runs = [record(seed) for seed in range(1, RUNS + 1)]
    with open(os.path.join(folder, "mipro-full.json"), "w") as file:
        json.dump(runs, file, separators=(",", ":"))
        file.write("\n")
    for run in runs:
        print(run["seed"], [(trial["picks"], trial["score"]) for trial in run["trials"]], run["best"])


if __name__ == "__main__":
    main(sys.argv[1])
