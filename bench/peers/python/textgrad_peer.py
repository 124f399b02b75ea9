"""textgrad: the loop of its prompt-optimization tutorial, with validation that reverts, and a thread pool as the tutorial has it."""

import logging

import task
import textgrad as tg
from textgrad.autograd import StringBasedFunction
from textgrad.engine import EngineLM
from textgrad.engine_experimental.litellm import LiteLLMEngine

logging.getLogger("LiteLLM").setLevel(logging.ERROR)
logging.getLogger("textgrad").setLevel(logging.ERROR)


class Instant(EngineLM):
    """Answers in the process, as answerer and as the model of the backward pass."""

    model_string = "instant"
    system_prompt = ""

    def generate(self, prompt, system_prompt=None, **_):
        return task.instant_answer(prompt) if "Question" in prompt else "Fine."

    def __call__(self, prompt, **kwargs):
        return self.generate(prompt, **kwargs)


def http_engine():
    return LiteLLMEngine(f"openai/{task.MODEL}", cache=False)


def program(engine):
    prompt = tg.Variable(task.SEED_PROMPT, requires_grad=True, role_description="instructions to the model")
    return prompt, tg.BlackboxLLM(engine, system_prompt=prompt)


def answer(model, question):
    return model(tg.Variable(question, requires_grad=False, role_description="question"))


def evaluate(examples, width, mode):
    _, model = program(Instant() if mode == "model" else http_engine())
    return evaluate_model(model, examples, width)


def evaluate_model(model, examples, width):
    scores = task.in_pool(examples, width, lambda example: task.score(answer(model, example[0]).value, example[1]))
    return sum(scores) / len(scores)


def optimize(train, validate, proposals, width):
    engine = http_engine()
    tg.set_backward_engine(engine, override=True)
    prompt, model = program(engine)
    optimizer = tg.TextualGradientDescent(engine=engine, parameters=[prompt])
    judge = StringBasedFunction(lambda prediction, expected: str(task.score(prediction.value, expected.value)), "scores the answer")
    best = evaluate_model(model, validate, width)
    for _ in range(proposals):
        optimizer.zero_grad()
        losses = []
        for question, expected in train:
            wanted = tg.Variable(expected, requires_grad=False, role_description="expected answer")
            losses.append(judge(inputs={"prediction": answer(model, question), "expected": wanted}))
        tg.sum(losses).backward()
        before = prompt.value
        optimizer.step()
        result = evaluate_model(model, validate, width)
        if result > best:
            best = result
        else:
            prompt.set_value(before)
    return task.level_of(prompt.value)


increment = StringBasedFunction(lambda x: str(int(x.value) + 1), "adds one")


def chain(nodes):
    last = tg.Variable("0", requires_grad=True, role_description="start")
    for _ in range(nodes):
        last = increment(inputs={"x": last})
    return last


def new_chain(nodes):
    return lambda: chain(nodes)


def new_backward(nodes):
    tg.set_backward_engine(Instant(), override=True)
    last = chain(nodes)
    return lambda: last.backward()


if __name__ == "__main__":
    import textgrad_peer

    task.run(textgrad_peer)
