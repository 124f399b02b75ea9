"""trace-opt: graph and OptoPrime. Its package has neither evaluation nor trainer, so a thread pool and the search are written here."""

import os

import task

os.environ["TRACE_DEFAULT_LLM_BACKEND"] = "CustomLLM"
os.environ["TRACE_CUSTOMLLM_URL"] = task.base_url
os.environ["TRACE_CUSTOMLLM_API_KEY"] = "none"

from openai import OpenAI  # noqa: E402
from opto import trace  # noqa: E402
from opto.optimizers import OptoPrimeMulti  # noqa: E402
from opto.utils.llm import CustomLLM  # noqa: E402

INSTANT = "function"  # It has no model of its own.
client = OpenAI(base_url=task.base_url, api_key="none", max_retries=0)


@trace.bundle()
def ask(prompt, question):
    """Asks a language model, which follows the instructions in prompt."""
    messages = [{"role": "system", "content": prompt}, {"role": "user", "content": question}]
    return client.chat.completions.create(model=task.MODEL, messages=messages).choices[0].message.content


@trace.bundle()
def answer_at_once(prompt, question):
    """Answers without a model."""
    return task.instant_answer(question)


@trace.bundle()
def join(*outputs):
    """Lists outputs by number: OptoPrime takes one feedback for a graph."""
    return "\n".join(f"ID {i}: {output}" for i, output in enumerate(outputs))


@trace.model
class Agent:
    def __init__(self, operation):
        self.prompt = trace.node(task.SEED_PROMPT, name="prompt", trainable=True)
        self.operation = operation

    def forward(self, question):
        return self.operation(self.prompt, question)


def evaluate(examples, width, mode):
    return evaluate_agent(Agent(answer_at_once if mode == "function" else ask), examples, width)


def evaluate_agent(agent, examples, width):
    with trace.stop_tracing():
        scores = task.in_pool(examples, width, lambda example: task.score(agent(example[0]).data, example[1]))
    return sum(scores) / len(scores)


def optimize(train, validate, proposals, width):
    agent = Agent(ask)
    current = evaluate_agent(agent, validate, width)

    def select(candidates):
        """The candidate that does best on the validation set, if any does better than the current values."""
        best, best_score, before = {}, current, agent.prompt.data
        for candidate in candidates:
            agent.prompt._data = candidate.get(agent.prompt, before)
            result = evaluate_agent(agent, validate, width)
            if result > best_score:
                best, best_score = candidate, result
        agent.prompt._data = before
        return best

    optimizer = OptoPrimeMulti([agent.prompt], llm=CustomLLM(), num_responses=proposals, selector=select)
    optimizer.llm.model_name = task.MODEL
    optimizer.zero_feedback()
    outputs = task.in_pool(train, width, lambda example: agent(example[0]))
    feedback = [f"ID {i}: expected {expected}." for i, (_, expected) in enumerate(train)]
    optimizer.backward(join(*outputs), "\n".join(feedback))
    optimizer.step()
    return task.level_of(agent.prompt.data)


@trace.bundle()
def increment(x):
    """Adds one."""
    return x + 1


def chain(nodes):
    last = trace.node(0, name="start", trainable=True)
    for _ in range(nodes):
        last = increment(last)
    return last


def new_chain(nodes):
    trace.GRAPH.clear()
    return lambda: chain(nodes)


def new_backward(nodes):
    trace.GRAPH.clear()
    last = chain(nodes)
    return lambda: last.backward("too low")


if __name__ == "__main__":
    import trace_peer

    task.run(trace_peer)
