"""gepa: its default adapter for evaluation, and `optimize_anything` with parallel evaluation for one iteration."""

import logging

import gepa
import task
from gepa.adapters.default_adapter.default_adapter import DefaultAdapter, EvaluationResult
from gepa.lm import LM
from gepa.optimize_anything import EngineConfig, GEPAConfig, ReflectionConfig, optimize_anything
from gepa.strategies.proposal_sampling import SameParentSampling

logging.getLogger("LiteLLM").setLevel(logging.ERROR)
INSTANT = "function"  # It has no model of its own.


def new_model():
    return LM(f"openai/{task.MODEL}", num_retries=0, api_base=task.base_url, api_key="none")


def judge(data, response):
    return EvaluationResult(score=task.score(response, data["answer"]), feedback=f"Expected {data['answer']}.")


def adapter_for(mode, width):
    if mode == "function":
        return DefaultAdapter(lambda messages: task.instant_answer(messages[-1]["content"]), judge)
    adapter = DefaultAdapter(f"openai/{task.MODEL}", judge, max_litellm_workers=width)
    adapter._lm = new_model()  # The adapter makes its model itself, with three retries.
    return adapter


def evaluate(examples, width, mode):
    batch = [{"input": q, "additional_context": {}, "answer": e} for q, e in examples]
    result = adapter_for(mode, width).evaluate(batch, {"prompt": task.SEED_PROMPT})
    assert len(result.scores) == len(examples)


class Silent:
    def log(self, _message):
        pass


def optimize(train, validate, proposals, width):
    model = new_model()

    def evaluator(candidate, example):
        question, expected = example
        messages = [{"role": "system", "content": candidate}, {"role": "user", "content": question}]
        answer = model(messages)
        return task.score(answer, expected), {"question": question, "answer": answer, "expected": expected}

    engine = EngineConfig(
        max_candidate_proposals=1,
        parallel=True,
        max_workers=width,
        cache_evaluation=False,
        sampling_strategy=SameParentSampling(proposals),
    )
    reflection = ReflectionConfig(reflection_lm=new_model(), reflection_minibatch_size=len(train))
    config = GEPAConfig(engine=engine, reflection=reflection)
    config.tracking.logger = Silent()
    result = optimize_anything(task.SEED_PROMPT, evaluator=evaluator, dataset=train, valset=validate, config=config)
    return max(result.val_aggregate_scores)


if __name__ == "__main__":
    import gepa_peer

    task.run(gepa_peer)
