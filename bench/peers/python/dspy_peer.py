"""DSPy: `Evaluate` with threads, and COPRO, which like opto's BasicSearchAlgorithm proposes instructions and scores them all."""

import logging

import dspy
import task
from dspy.utils.dummies import DummyLM

logging.getLogger("dspy").setLevel(logging.ERROR)


class Instant(DummyLM):
    """Answers in the process; DSPy's own model for tests, asked by question instead of by turn."""

    def __init__(self):
        super().__init__([])
        self.cache = False

    def _use_example(self, messages):
        return self._format_answer_fields({"answer": task.instant_answer(messages[-1]["content"])})


class Function(dspy.Module):
    """A program that asks no model."""

    def forward(self, question):
        return dspy.Prediction(answer=task.instant_answer(question))


class Answer(dspy.Signature):
    question: str = dspy.InputField()
    answer: str = dspy.OutputField()


def metric(example, prediction, trace=None):
    return task.score(prediction.answer, example.expected)


def devset(examples):
    return [dspy.Example(question=q, expected=e).with_inputs("question") for q, e in examples]


http_model = dspy.LM(f"openai/{task.MODEL}", api_base=task.base_url, api_key="none", cache=False, num_retries=0)
instant_model = Instant()
instant_model.follow_examples = True
dspy.configure_cache(enable_disk_cache=False, enable_memory_cache=False)


def evaluate(examples, width, mode):
    program = Function() if mode == "function" else dspy.Predict(Answer.with_instructions(task.SEED_PROMPT))
    with dspy.context(lm=instant_model if mode == "model" else http_model):
        result = dspy.Evaluate(devset=devset(examples), metric=metric, num_threads=width)(program)
    assert len(result.results) == len(examples) and not any(p.toDict() == {} for _, p, _ in result.results), "failed"


def optimize(_train, validate, proposals, width):
    copro = dspy.COPRO(prompt_model=http_model, metric=metric, breadth=proposals + 1, depth=1)
    with dspy.context(lm=http_model):
        program = dspy.Predict(Answer.with_instructions(task.SEED_PROMPT))
        best = copro.compile(program, trainset=devset(validate), eval_kwargs={"num_threads": width})
    return task.level_of(best.signature.instructions)


if __name__ == "__main__":
    import dspy_peer

    task.run(dspy_peer)
