"""The benchmark as the originals' programs see it: the order, rollouts, scores, and what they have chosen so far."""

import json
import sys
import urllib.error
import urllib.request

order = json.loads(sys.argv[1])


class BudgetSpent(BaseException):
    """No call is left. Not an `Exception`, so that no library retries or swallows it."""


def ask(action, body):
    """Asks the benchmark."""
    request = urllib.request.Request(
        f"{order['serviceUrl']}/{action}", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def rollout(values, dataset, example):
    """Runs the agent of the benchmark on an example: score, feedback, input, output."""
    result = ask("rollout", {"values": values, "dataset": dataset, "example": example})
    if result.get("spent"):
        raise BudgetSpent()
    return result


def score(dataset, example, output):
    """The guide's score and feedback for an output."""
    return ask("score", {"dataset": dataset, "example": example, "output": output})


def choose(values):
    """Notes what would be returned if the search ended now. @returns whether the budget is spent"""
    return ask("chosen", {"values": values})["spent"]


def is_spent():
    return ask("spent", {})["spent"]


def finish(work):
    """Runs a program to its end, or until the budget is spent."""
    try:
        work()
    except BudgetSpent:
        pass
    except Exception:
        # A library may wrap the refusal of a call in an error of its own.
        if not is_spent():
            raise
