"""The benchmark as the originals' programs see it: the order, rollouts, scores, and what they have chosen so far."""

import json
import os
import sys
import urllib.request

order = json.loads(sys.argv[1])


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
        end()
    return result


def score(dataset, example, output):
    """The guide's score and feedback for an output."""
    return ask("score", {"dataset": dataset, "example": example, "output": output})


def choose(values):
    """Notes what would be returned if the search ended now."""
    ask("chosen", {"values": values})


def is_spent():
    return ask("spent", {})["spent"]


def end():
    """Ends the program. What it has chosen is on record; threads and retries of a library would only ask in vain."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
