"""DSPy: MIPROv2, SIMBA, BootstrapFewShotWithRandomSearch, and GEPA on a program with one call.

Its adapter writes the messages of the benchmark's agent: the instruction as the system message, demonstrations as earlier turns. So what is learned
are the values of the same slots.
"""

import logging

import cell_service as cell
import dspy

order = cell.order
logging.getLogger("dspy").setLevel(logging.ERROR)
logging.getLogger("LiteLLM").setLevel(logging.ERROR)
dspy.configure_cache(enable_disk_cache=False, enable_memory_cache=False)


class Answer(dspy.Signature):
    question: str = dspy.InputField()
    answer: str = dspy.OutputField()


class SlotAdapter(dspy.ChatAdapter):
    """Messages of the benchmark for its own program, those of DSPy for what its optimizers ask."""

    def format(self, signature, demos, inputs):
        if not is_own(signature):
            return super().format(signature, demos, inputs)
        turns = []
        for demo in demos:
            turns += [
                {"role": "user", "content": str(demo["question"])},
                {"role": "assistant", "content": str(demo["answer"])},
            ]
        system = {"role": "system", "content": signature.instructions}
        return [system, *turns, {"role": "user", "content": str(inputs["question"])}]

    def parse(self, signature, completion):
        return {"answer": completion} if is_own(signature) else super().parse(signature, completion)


def is_own(signature):
    return set(signature.input_fields) == {"question"} and set(signature.output_fields) == {"answer"}


class CountedLM(dspy.LM):
    """Ends the program where no call is left, instead of retrying."""

    def forward(self, *args, **kwargs):
        try:
            return super().forward(*args, **kwargs)
        except Exception:
            if cell.is_spent():
                cell.end()
            raise


def model(url, **settings):
    return CountedLM("openai/model", api_base=url, api_key="none", cache=False, num_retries=0, timeout=order["timeoutSeconds"], **settings)


def examples(dataset):
    return [
        dspy.Example(question=row["input"], answer=row["info"], dataset=dataset, index=index).with_inputs("question")
        for index, row in enumerate(order[dataset])
    ]


def metric(example, prediction, trace=None):
    return cell.score(example.dataset, example.index, prediction.answer)["score"]


def metric_with_feedback(example, prediction, trace=None, pred_name=None, pred_trace=None):
    result = cell.score(example.dataset, example.index, prediction.answer)
    return dspy.Prediction(score=result["score"], feedback=result["feedback"])


def values_of(program):
    [predictor] = program.predictors()
    shown = [{"input": str(demo["question"]), "output": str(demo["answer"])} for demo in predictor.demos]
    return {"instruction": predictor.signature.instructions, "demonstrations": shown}


class NotedEvaluations:
    """Reports the best program so far among those that were scored on all validation examples."""

    def __init__(self):
        self.best = float("-inf")
        evaluate = dspy.Evaluate.__call__

        def noted(evaluation, program, *args, **kwargs):
            result = evaluate(evaluation, program, *args, **kwargs)
            devset = kwargs.get("devset") or evaluation.devset
            if len(devset) == order["numValidation"] and devset[0].dataset == "validation" and result.score > self.best:
                self.best = result.score
                cell.choose(values_of(program))
            return result

        dspy.Evaluate.__call__ = noted


def compiled(program, prompt_model):
    train, validation = examples("train"), examples("validation")
    is_matched, seed = order["settings"] == "matched", order["seed"]
    budget = max(1, int(order["budget"])) if order["unit"] == "task-calls" else 1_000
    if order["algorithm"] == "dspy-bootstrap":
        search = dspy.BootstrapFewShotWithRandomSearch(
            metric=metric, num_threads=1, num_candidate_programs=4 if is_matched else 16
        )
        return search.compile(program, trainset=train, valset=validation)
    if order["algorithm"] == "dspy-mipro":
        if is_matched:
            search = dspy.MIPROv2(metric=metric, prompt_model=prompt_model, auto=None, num_candidates=6, num_threads=1, seed=seed)
            trials = max(2, budget // 60)
            size = min(35, len(validation))
            return search.compile(
                program, trainset=train, valset=validation, num_trials=trials, minibatch_size=size, seed=seed
            )
        search = dspy.MIPROv2(metric=metric, prompt_model=prompt_model, auto="light", num_threads=1, seed=seed)
        return search.compile(program, trainset=train, valset=validation, seed=seed)
    if order["algorithm"] == "dspy-gepa":
        search = dspy.GEPA(
            metric=metric_with_feedback,
            reflection_lm=prompt_model,
            max_metric_calls=budget,
            reflection_minibatch_size=8 if is_matched else 3,
            num_threads=1,
            seed=seed,
        )
        return search.compile(program, trainset=train, valset=validation)
    # SIMBA has no validation data of its own, and returns nothing before its end: its steps are made to fit.
    data = [*train, *validation]
    size = max(2, min(8 if is_matched else 32, len(data), budget // 30))
    steps = max(1, (budget - len(data)) // (13 * size + len(data)))
    search = dspy.SIMBA(metric=metric, prompt_model=prompt_model, bsize=size, max_steps=min(8, steps), num_threads=1)
    return search.compile(program, trainset=data, seed=seed)


def main():
    task_model = model(order["taskUrl"], temperature=0, max_tokens=order["maxTokens"])
    prompt_model = model(order["optimizerUrl"], temperature=1.0, max_tokens=2_000)
    dspy.configure(lm=task_model, adapter=SlotAdapter())
    NotedEvaluations()
    program = dspy.Predict(Answer.with_instructions(order["start"]["instruction"]))
    cell.choose(values_of(compiled(program, prompt_model)))


if __name__ == "__main__":
    main()
    cell.end()
