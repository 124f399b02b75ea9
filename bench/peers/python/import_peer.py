"""How long an import takes in a process that has imported nothing yet, and the memory it is resident in afterwards."""

import importlib
import json
import sys
import time

started = time.perf_counter()
importlib.import_module(json.loads(sys.argv[1])["module"])
value = (time.perf_counter() - started) * 1e3

import gc  # noqa: E402

gc.collect()
import task  # noqa: E402

print(f"\n@@RESULT {json.dumps({'value': value, 'rss': task.resident_mb()})}", flush=True)
