"""Records what PrioritySearch of OpenTrace decides in a small scripted world, for test/recorded-priority-search.test.ts.

    git clone https://github.com/AgentOpt/OpenTrace trace && git -C trace checkout acb97198fbdfe1037cfb1baf14f61382fd162420
    python3 -m venv venv && venv/bin/pip install numpy tqdm graphviz black
    PYTHONPATH=trace venv/bin/python bench/originals/record_priority_search.py test/records

A record has the world, and of every iteration: the candidates that are explored, the batch, all rollouts in their order, the proposals, the priority
queue before candidates are taken out of it (with priority and number of rollouts), and the best candidate. Candidates are numbers, in the order
in which they are proposed.

In its first iteration PrioritySearch runs `num_candidates` copies of the start on the same batch, and counts the rollouts of all of them. Here they
count once, but in the run "copies": else what the start comes to would differ throughout.
"""

import sys

from opto.trainer.algorithms.priority_search import PrioritySearch
from scripted_world import Agent, NoLogger, PointsGuide, ScriptedOptimizer, World, described, grouped, number_of, quietly, write_records

BATCH, ITERATIONS = 2, 9
RUNS = {
    "one": dict(search=dict(num_candidates=1, num_proposals=2, use_best_candidate_to_explore=False)),
    "several": dict(search=dict(num_candidates=3)),
    "proposals": dict(search=dict(num_candidates=2, num_proposals=2)),
    "update": dict(search=dict(num_candidates=1, long_term_memory_size=1, use_best_candidate_to_explore=False)),
    "search": dict(search=dict(num_candidates=1, num_proposals=3, long_term_memory_size=1, use_best_candidate_to_explore=False)),
    "failing": dict(search=dict(num_candidates=3), world=dict(fails=0.15)),
    "copies": dict(search=dict(num_candidates=3), counts_copies=True),
    "kept": dict(search=dict(num_candidates=1, num_proposals=2)),
    "ties": dict(search=dict(num_candidates=3), world=dict(levels=[0, 99], empty=0.0)),
    "ucb": dict(search=dict(num_candidates=3, score_function="ucb")),
    "time": dict(search=dict(num_candidates=3, score_function="time")),
    "memory": dict(search=dict(num_candidates=3, long_term_memory_size=5)),
    "beam": dict(search=dict(num_candidates=3, long_term_memory_size=3)),
    "validation": dict(search=dict(num_candidates=2), world=dict(validate=BATCH)),
}


class Recorded(PrioritySearch):
    """Notes what is decided. An iteration begins with the rollouts on a batch."""

    counts_copies = False

    def add_exploration_rollouts_to_candidates(self, candidates, samples):
        super().add_exploration_rollouts_to_candidates(candidates, samples)
        if self.n_iters == 1 and not self.counts_copies:
            for candidate in candidates:
                del candidate.rollouts[BATCH:]

    def update(self, samples=None, **options):
        result = super().update(samples, **options)
        if samples is not None:
            self.iterations.append(
                {
                    "explored": self.was_explored,
                    "batch": self.was_batch,
                    "rollouts": grouped(World.now.taken()),
                    "proposals": World.now.taken_proposals(),
                    "queue": self.queue,
                    "best": number_of(self._best_candidate.update_dict),
                }
            )
        self.was_explored = [number_of(candidate.update_dict) for candidate in self._exploration_candidates]
        return result

    def sample(self, agents, **options):
        result = super().sample(agents, **options)
        self.was_batch = [int(x.split("/")[1]) for x in result[0]._dataset["inputs"]]
        return result

    def update_memory(self, validate_results, **options):
        super().update_memory(validate_results, **options)
        self.queue = [
            [number_of(candidate.update_dict), round(float(-score), 9), candidate.num_rollouts]
            for score, candidate in sorted(self.memory.memory)
        ]
        if self.score_function == "time":
            self.queue = [[candidate, None, rollouts] for candidate, _, rollouts in self.queue]


def record(name, seed, search, world=None, counts_copies=False):
    scripted = World(seed, train=BATCH * ITERATIONS, **(world or {}))
    agent = Agent()
    trainer = Recorded(agent, ScriptedOptimizer(agent.parameters()), num_threads=1, logger=NoLogger())
    trainer.iterations, trainer.counts_copies = [], counts_copies
    validate = dict(validate_dataset=scripted.data("validate")) if scripted.validate else {}
    options = dict(batch_size=BATCH, num_epochs=None, num_steps=ITERATIONS + 1, test_frequency=-1000, log_frequency=1000)
    data = dict(guide=PointsGuide(), train_dataset=scripted.data("train"), score_range=(0, 1))
    quietly(lambda: trainer.train(**data, **options, **validate, **search))
    return described(name, seed, scripted, search, trainer.iterations)


if __name__ == "__main__":
    write_records(sys.argv[1], "priority-search", RUNS, record, lambda one: [one[key] for key in ("explored", "batch", "proposals", "queue", "best")])
