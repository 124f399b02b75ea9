"""gepa: `optimize_anything` over the slots of the agent, which runs in the benchmark."""

import cell_service as cell
from gepa.lm import LM
from gepa.optimize_anything import EngineConfig, GEPAConfig, ReflectionConfig, optimize_anything

order = cell.order


class Silent:
    def log(self, _message):
        pass


class Reflection(LM):
    """Ends the program where no call is left, instead of retrying."""

    def __call__(self, *args, **kwargs):
        try:
            return super().__call__(*args, **kwargs)
        except Exception:
            if cell.is_spent():
                cell.end()
            raise


def evaluator(candidate, example):
    dataset, index = example
    result = cell.rollout(candidate, dataset, index)
    return result["score"], {name: result[name] for name in ("input", "output", "feedback")}


class Chooser:
    """Reports the best candidate by validation whenever gepa asks whether to stop."""

    def __init__(self):
        self.latest = None

    def __call__(self, state):
        scores = list(state.program_full_scores_val_set)
        best = dict(state.program_candidates[max(range(len(scores)), key=scores.__getitem__)])
        if best != self.latest:
            self.latest = best
            cell.choose(best)
        return cell.is_spent()


def main():
    model = Reflection("openai/optimizer", num_retries=0, api_base=order["optimizerUrl"], api_key="none", timeout=order["timeoutSeconds"])
    engine = EngineConfig(
        max_candidate_proposals=100_000, parallel=False, cache_evaluation=False, seed=order["seed"], raise_on_exception=True
    )
    batch = 8 if order["settings"] == "matched" else 3
    reflection = ReflectionConfig(reflection_lm=model, reflection_minibatch_size=batch)
    config = GEPAConfig(engine=engine, reflection=reflection, stop_callbacks=[Chooser()])
    config.tracking.logger = Silent()
    train = [("train", index) for index in range(order["numTrain"])]
    validation = [("validation", index) for index in range(order["numValidation"])]
    optimize_anything(order["start"], evaluator=evaluator, dataset=train, valset=validation, config=config)


if __name__ == "__main__":
    main()
    cell.end()
