"""The scripted world of record_best_of.py and record_priority_search.py: an agent of two digits, and proposals from a stream.

It needs the package `opto` of the repository AgentOpt/OpenTrace, commit acb97198fbdfe1037cfb1baf14f61382fd162420 (branch `experimental`), whose
published package `trace-opt` has no trainers. No model is asked: an example has a number of points for every digit of each component; without
points the agent raises an error. Every rollout is noted, in the order in which they are made.
"""

import contextlib
import io
import json
import os
import random

import numpy as np
from opto import trace
from opto.optimizers.optimizer import Optimizer
from opto.trainer.guide import Guide
from opto.trainer.loggers import BaseLogger

SOURCE = "AgentOpt/OpenTrace acb97198fbdfe1037cfb1baf14f61382fd162420"
COMPONENTS = ["extract", "answer"]
DIGITS = 10
MOST = 99


class World:
    """Examples, candidates by number in the order in which they are proposed, and what was done with them."""

    now: "World"

    def __init__(self, seed, *, train, validate=0, fails=0.0, levels=range(MOST + 1), empty=0.1):
        self.stream = random.Random(f"world {seed}")
        self.train = [self.example(fails, levels) for _ in range(train)]
        self.validate = [self.example(fails, levels) for _ in range(validate)]
        self.numbers = {("0", "0"): 0}
        self.proposals = random.Random(f"proposals {seed}")
        self.empty = empty
        self.log = []
        self.proposed = []
        World.now = self
        np.random.seed(seed)

    def example(self, fails, levels):
        """Points for every digit of each component; None where the agent fails. What the run starts with never fails."""
        return [
            [None if digit > 0 and self.stream.random() < fails else self.stream.choice(levels) for digit in range(DIGITS)]
            for _ in COMPONENTS
        ]

    def propose(self, values):
        """Changes of one component or both, or none; never to values that were proposed before."""
        parent = self.numbers[values]
        if self.proposals.random() < self.empty:
            self.proposed.append({"parent": parent})
            return {}
        while True:
            changed = self.proposals.sample(COMPONENTS, self.proposals.choice([1, 1, 2]))
            changes = {name: str(self.proposals.randrange(DIGITS)) for name in changed}
            child = tuple(changes.get(name, value) for name, value in zip(COMPONENTS, values))
            if child not in self.numbers:
                self.numbers[child] = len(self.numbers)
                self.proposed.append({"parent": parent, "changes": changes})
                return changes

    def data(self, name):
        return {"inputs": [f"{name}/{at}" for at in range(len(getattr(self, name)))], "infos": [None] * len(getattr(self, name))}

    def taken(self):
        """The rollouts since the last time, as [candidate, example]."""
        log, self.log = self.log, []
        return log

    def taken_proposals(self):
        proposed, self.proposed = self.proposed, []
        return proposed


@trace.model
class Agent:
    def __init__(self):
        self.extract = trace.node("0", name="extract", trainable=True)
        self.answer = trace.node("0", name="answer", trainable=True)

    def forward(self, x):
        return answer(self.extract, self.answer, x)


@trace.bundle()
def answer(extract, answer, x):
    """Answers with the points of both components."""
    world = World.now
    dataset, at = x.split("/")
    points = [digits[int(digit)] for digits, digit in zip(getattr(world, dataset)[int(at)], (extract, answer))]
    world.log.append([world.numbers[(extract, answer)], x])
    if None in points:
        raise ValueError("no points")
    return sum(points) / (MOST * len(COMPONENTS))


class PointsGuide(Guide):
    def get_feedback(self, query, response, reference=None, **kwargs):
        return response, "scripted"


class ScriptedOptimizer(Optimizer):
    def default_propagator(self):
        return trace.propagators.GraphPropagator()

    def _step(self, *args, **kwargs):
        by_name = {name: next(p for p in self.parameters if p.py_name.startswith(name)) for name in COMPONENTS}
        changes = World.now.propose(tuple(p.data for p in by_name.values()))
        return {by_name[name]: digit for name, digit in changes.items()}


class NoLogger(BaseLogger):
    def __init__(self):
        pass

    def log(self, *args, **kwargs):
        pass


def number_of(update_dict):
    """The number of the candidate with these values."""
    values = {p.py_name: data for p, data in update_dict.items()}
    return World.now.numbers[tuple(next(v for key, v in values.items() if key.startswith(name)) for name in COMPONENTS)]


def grouped(log):
    """Consecutive rollouts of one candidate as [candidate, [example, …]]."""
    groups = []
    for candidate, x in log:
        dataset, at = x.split("/")
        if not groups or groups[-1][0] != candidate or groups[-1][1] != dataset or int(at) in groups[-1][2]:
            groups.append([candidate, dataset, []])
        groups[-1][2].append(int(at))
    return groups


def values_by_number():
    return [dict(zip(COMPONENTS, values)) for values, _ in sorted(World.now.numbers.items(), key=lambda item: item[1])]


def quietly(run):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return run()


def described(name, seed, scripted, search, iterations):
    """A recorded run, as its file has it."""
    return {
        "source": SOURCE,
        "run": name,
        "seed": seed,
        "options": search,
        "train": scripted.train,
        "validate": scripted.validate,
        "candidates": values_by_number(),
        "iterations": iterations,
    }


def write_records(folder, prefix, runs, record, shown):
    """Makes every run and writes a file for each; `shown` picks what is printed of an iteration."""
    os.makedirs(folder, exist_ok=True)
    for name, options in runs.items():
        run = record(name, 1, **options)
        with open(os.path.join(folder, f"{prefix}-{name}.json"), "w") as file:
            json.dump(run, file, separators=(",", ":"))
            file.write("\n")
        for one in run["iterations"]:
            print(name, *shown(one))
