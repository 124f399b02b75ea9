"""The task of all Python peers, and how a peer's program takes its orders and tells its result."""

import gc
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

SEED_PROMPT = "Answer the question."
FIRST_TRAINING_QUESTION = 1_000
MODEL = "test-model"

order = json.loads(sys.argv[1])
url = order.get("url", "")
base_url = f"{url}/v1"


def examples(count, first=0):
    """Examples (question, expected) with consecutive numbers."""
    return [(f"Question {first + i}", f"answer-{first + i} at level 10") for i in range(count)]


def score(answer, expected):
    """The level that the answer has reached, as a part of 10; 0 when it answers another question."""
    given, _, level = str(answer).partition(" at level ")
    return int(level) / 10 if level.isdigit() and given == expected.split(" ")[0] else 0.0


def level_of(prompt):
    """What the answers of a prompt score."""
    return max((int(level) for level in re.findall(r"level (\d+)", prompt)), default=0) / 10


def instant_answer(prompt):
    """What an instant model answers."""
    return f"answer-{re.search(r'Question ([0-9]+)', prompt).group(1)} at level 0"


def in_pool(items, width, work):
    """The results of `work` for every item, never more than `width` at once: what a user of a peer without a pool writes."""
    with ThreadPoolExecutor(max_workers=width) as pool:
        return list(pool.map(work, items))


def run(peer):
    """Runs the one measurement that the command line asks for."""
    result = MEASUREMENTS[order["measurement"]](peer)
    print(f"\n@@RESULT {json.dumps(result)}", flush=True)
    os._exit(0)  # Threads of a peer that never end do not hold the process up.


def evaluate(peer):
    count, width = order["count"], order["width"]
    peer.evaluate(examples(count), width, "http")
    reset()
    return {"value": seconds(lambda: peer.evaluate(examples(count), width, "http"))}


def optimize(peer):
    width = order["width"]
    peer.evaluate(examples(order["warmUp"]), width, "http")
    train = examples(order["trainSize"], FIRST_TRAINING_QUESTION)
    validate = examples(order["validateSize"])
    best = []
    reset()
    value = seconds(lambda: best.append(peer.optimize(train, validate, order["proposals"], width)))
    return {"value": value, "score": best[0]}


def cpu(peer):
    mode, count, width = order["mode"], order["count"], order["width"]
    peer.evaluate(examples(count), width, mode)
    before = cpu_seconds()
    peer.evaluate(examples(count), width, mode)
    return {"value": (cpu_seconds() - before) / count * 1e6}


def memory(peer):
    def rollouts(times):
        for _ in range(times):
            peer.evaluate(examples(2_000), order["width"], getattr(peer, "INSTANT", "model"))
        gc.collect()
        return resident_mb()

    before = rollouts(10)
    return {"value": rollouts(5) - before}


def operation(peer):
    return {"value": nanoseconds(peer.new_chain)}


def backward(peer):
    return {"value": nanoseconds(peer.new_backward)}


MEASUREMENTS = {
    "evaluate": evaluate,
    "optimize": optimize,
    "cpu": cpu,
    "memory": memory,
    "operation": operation,
    "backward": backward,
}


def nanoseconds(prepare):
    """Nanoseconds for a node: `prepare(nodes)` gives the work; the median of a few, fewer where one takes long."""
    nodes = order["nodes"]
    times = []
    while len(times) < 5 and sum(times) < 5e9:
        work = prepare(nodes)
        started = time.perf_counter()
        work()
        times.append((time.perf_counter() - started) * 1e9)
    return statistics.median(times) / nodes


def seconds(work):
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def reset():
    urllib.request.urlopen(urllib.request.Request(f"{url}/reset", method="POST")).read()


def resident_mb():
    """Resident memory of this process in MB."""
    try:
        with open("/proc/self/statm") as statm:
            return int(statm.read().split()[1]) * resource.getpagesize() / 1e6
    except OSError:
        kilobytes = subprocess.run(["ps", "-o", "rss=", "-p", str(os.getpid())], capture_output=True, text=True, check=True)
        return int(kilobytes.stdout) * 1024 / 1e6
