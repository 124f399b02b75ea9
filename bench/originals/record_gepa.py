"""Records what gepa 0.1.4 decides in a small scripted world, for test/recorded-gepa.test.ts.

    python3 -m venv venv && venv/bin/pip install gepa==0.1.4
    venv/bin/python bench/originals/record_gepa.py test/records

No model is asked: every component of a candidate is a digit, an example accepts some digits of each component, and the reflection draws
a digit from its own stream. A record has the world, every decision, and the outcome of every random draw, so that another implementation
can be led through the same run and compared step by step.
"""

import json
import os
import random
import sys
from collections import Counter
from importlib.metadata import version

import gepa

COMPONENTS = ["extract", "rank", "answer"]
DIGITS = 10
TRAIN, VALIDATE, ITERATIONS = 9, 8, 20
RUNS = {
    "instance": dict(frontier_type="instance"),
    "instance-all": dict(frontier_type="instance", module_selector="all"),
    "instance-merge": dict(frontier_type="instance", use_merge=True),
    "objective": dict(frontier_type="objective"),
    "hybrid-merge": dict(frontier_type="hybrid", use_merge=True),
    "cartesian-merge": dict(frontier_type="cartesian", use_merge=True),
}
RUNS_EACH = 2


Plain = random.Random


class RecordedRandom(Plain):
    """Notes the outcome of every draw that decides something."""

    draws: list = []

    def sample(self, population, k, **options):
        result = super().sample(population, k, **options)
        pool, last = sorted(population), RecordedRandom.draws[-1:]
        if last and last[0][:2] == ["sample", pool]:
            last[0][2].append(result)
        else:
            RecordedRandom.draws.append(["sample", pool, [result]])
        return result

    def choice(self, seq):
        result = super().choice(seq)
        # To draw from copies of one thing decides nothing.
        if len(set(seq)) > 1:
            RecordedRandom.draws.append(["choice", sorted(Counter(seq).items()), result])
        return result

    def choices(self, population, weights=None, *, cum_weights=None, k=1):
        result = super().choices(population, weights=weights, cum_weights=cum_weights, k=k)
        RecordedRandom.draws.append(["weighted", [[item, weight] for item, weight in zip(population, weights)], result[0]])
        return result


class World:
    def __init__(self, seed):
        stream = Plain(f"world {seed}")

        def accepted():
            return [sorted(stream.sample(range(1, DIGITS), stream.choice([1, 2, 3, 4]))) for _ in COMPONENTS]

        self.examples = {"train": [accepted() for _ in range(TRAIN)], "validate": [accepted() for _ in range(VALIDATE)]}
        self.reflection = Plain(f"reflection {seed}")
        self.seen = set()

    def scores(self, example, candidate):
        return {name: float(int(candidate[name]) in digits) for name, digits in zip(COMPONENTS, example)}


class Adapter:
    def __init__(self, world):
        self.world = world
        self.propose_new_texts = self.reflect
        self.texts = None

    def evaluate(self, batch, candidate, capture_traces=False):
        objectives = [self.world.scores(example, candidate) for example in batch]
        scores = [sum(values.values()) / len(values) for values in objectives]
        return gepa.EvaluationBatch(
            outputs=scores, scores=scores, trajectories=scores if capture_traces else None, objective_scores=objectives
        )

    def make_reflective_dataset(self, candidate, eval_batch, components_to_update):
        return {name: [{"Feedback": "scripted"}] for name in components_to_update}

    def reflect(self, candidate, reflective_dataset, components_to_update):
        # Nothing is proposed twice: gepa would keep equal candidates apart.
        while True:
            self.texts = {name: str(self.world.reflection.randrange(DIGITS)) for name in components_to_update}
            child = tuple({**candidate, **self.texts}.values())
            if child not in self.world.seen:
                self.world.seen.add(child)
                return self.texts


class Recorder:
    def __init__(self, adapter):
        self.adapter, self.iterations = adapter, []

    def on_iteration_start(self, event):
        RecordedRandom.draws = []
        self.adapter.texts = None
        self.now = {"accepted": False}

    def on_candidate_selected(self, event):
        self.now.update(kind="reflect", parents=[event["candidate_idx"]])

    def on_minibatch_sampled(self, event):
        self.now["batch"] = event["minibatch_ids"]

    def on_merge_attempted(self, event):
        self.adapter.world.seen.add(tuple(event["merged_candidate"].values()))
        self.now.update(kind="merge", parents=list(event["parent_ids"]), values=dict(event["merged_candidate"]))

    def on_iteration_end(self, event):
        state = event["state"]
        self.now["accepted"] = event["proposal_accepted"]
        if self.adapter.texts is not None:
            self.now["texts"] = self.adapter.texts
        # The shuffling of epochs is in the batches.
        self.now["draws"] = RecordedRandom.draws
        if event["proposal_accepted"]:
            self.now["sets"] = sorted(sorted(front) for front in state.get_pareto_front_mapping().values())
        self.iterations.append(self.now)


def record(name, options, seed):
    world = World(seed)
    adapter = Adapter(world)
    recorder = Recorder(adapter)
    # gepa makes its stream from the same module.
    random.Random = RecordedRandom
    try:
        result = gepa.optimize(
            seed_candidate={component: "0" for component in COMPONENTS},
            trainset=world.examples["train"],
            valset=world.examples["validate"],
            adapter=adapter,
            stop_callbacks=[lambda state: state.i + 1 >= ITERATIONS],
            callbacks=[recorder],
            logger=type("Quiet", (), {"log": lambda *_: None})(),
            seed=seed,
            max_merge_invocations=5,
            **options,
        )
    finally:
        random.Random = Plain
    return {
        "package": f"gepa {version('gepa')}",
        "run": name,
        "seed": seed,
        "components": COMPONENTS,
        **world.examples,
        "iterations": recorder.iterations,
        "candidates": [
            {"values": candidate, "parents": [parent for parent in parents if parent is not None], "mean": mean}
            for candidate, parents, mean in zip(result.candidates, result.parents, result.val_aggregate_scores)
        ],
        "best": result.best_idx,
    }


def is_telling(run, options):
    """Whether no candidate is in the run twice, which opto keeps as one, and a run with merges has a merge."""
    distinct = {tuple(candidate["values"].values()) for candidate in run["candidates"]}
    kinds = [one.get("kind") for one in run["iterations"]]
    return len(distinct) == len(run["candidates"]) and ("merge" in kinds or not options.get("use_merge"))


def main(folder):
    # gepa goes through the components of a merge in the order of a set, which differs from process to process.
    if list(set(COMPONENTS)) != COMPONENTS:
        hash_seed = int(os.environ.get("PYTHONHASHSEED", "0")) + 1
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "PYTHONHASHSEED": str(hash_seed)})
    os.makedirs(folder, exist_ok=True)
    for name, options in RUNS.items():
        runs, seed = [], 0
        while len(runs) < RUNS_EACH:
            seed += 1
            run = record(name, options, seed)
            if is_telling(run, options):
                runs.append(run)
        with open(os.path.join(folder, f"gepa-{name}.json"), "w") as file:
            json.dump(runs, file, separators=(",", ":"))
            file.write("\n")
        for run in runs:
            kinds = [one.get("kind", "none") + ("+" if one["accepted"] else "") for one in run["iterations"]]
            print(name, run["seed"], len(run["candidates"]), {kind: kinds.count(kind) for kind in sorted(set(kinds))})


if __name__ == "__main__":
    main(sys.argv[1])
