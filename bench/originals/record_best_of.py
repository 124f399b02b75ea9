"""Records what BasicSearchAlgorithm of OpenTrace decides in a small scripted world, for test/recorded-best-of.test.ts.

    git clone https://github.com/AgentOpt/OpenTrace trace && git -C trace checkout acb97198fbdfe1037cfb1baf14f61382fd162420
    python3 -m venv venv && venv/bin/pip install numpy tqdm graphviz black
    PYTHONPATH=trace:trace/examples/trainers venv/bin/python bench/originals/record_best_of.py test/records

A record has the world, and of every iteration: the batch, the proposals, all rollouts in their order, what each candidate scores on the validation data
(null where it is discarded because an example failed), which of them is chosen, what the agent has in the end, and the score that is remembered
of it. Candidates are numbers, in the order in which they are proposed.
"""

import math
import sys

import basic_algorithms
from basic_algorithms import BasicSearchAlgorithm
from scripted_world import COMPONENTS, Agent, NoLogger, PointsGuide, ScriptedOptimizer, World, described, grouped, quietly, write_records

BATCH, VALIDATE, ITERATIONS = 2, 4, 8
PLAIN = dict(num_proposals=3, ensure_improvement=False)
RUNS = {
    "several": dict(search=PLAIN),
    "one": dict(search=dict(num_proposals=1, ensure_improvement=False)),
    "failing": dict(search=dict(min_score=0, **PLAIN), world=dict(fails=0.15)),
    "ties": dict(search=PLAIN, world=dict(levels=[0, 99])),
    "discarding": dict(search=PLAIN, world=dict(fails=0.15)),
    "improvement": dict(search=dict(num_proposals=3)),
}


class Recorded(BasicSearchAlgorithm):
    """Notes what is decided. An iteration begins with the rollouts on a batch, and ends before the next batch."""

    def current(self):
        return World.now.numbers[tuple(next(p.data for p in self.agent.parameters() if p.py_name.startswith(name)) for name in COMPONENTS)]

    def update(self, outputs, **options):
        log = World.now.taken()
        self.close(log[:-BATCH])
        World.now.log = log[-BATCH:]
        self.note = {"batch": [int(x.split("/")[1]) for _, x in World.now.log]}
        return super().update(outputs, **options)

    def optimizer_step(self, **options):
        scores = []
        evaluate = basic_algorithms.evaluate

        def noted(*args, **kwargs):
            result = evaluate(*args, **kwargs)
            scores.append([self.current(), None if None in result.tolist() else round(float(result.mean()), 9)])
            return result

        basic_algorithms.evaluate = noted
        try:
            super().optimizer_step(**options)
        finally:
            basic_algorithms.evaluate = evaluate
        remembered = float(self.current_score)
        self.note.update(
            proposals=World.now.taken_proposals(),
            scores=scores,
            chosen=self.current(),
            remembered=None if math.isinf(remembered) else round(remembered, 9),
        )

    def close(self, log):
        """What was done in an iteration, and what the agent has after it, which is before the next one."""
        if getattr(self, "note", None) is not None:
            self.iterations.append({**self.note, "rollouts": grouped(log), "current": self.current()})


def record(name, seed, search, world=None):
    scripted = World(seed, train=BATCH * ITERATIONS, validate=VALIDATE, **(world or {}))
    agent = Agent()
    trainer = Recorded(agent, ScriptedOptimizer(agent.parameters()), num_threads=1, logger=NoLogger())
    trainer.iterations = []
    data = dict(train_dataset=scripted.data("train"), validate_dataset=scripted.data("validate"))
    options = dict(batch_size=BATCH, num_epochs=1, test_frequency=-1000, log_frequency=1000)
    quietly(lambda: trainer.train(PointsGuide(), **data, **options, **search))
    trainer.close(scripted.taken())
    return described(name, seed, scripted, search, trainer.iterations)


if __name__ == "__main__":
    write_records(sys.argv[1], "best-of", RUNS, record, lambda one: [one])
