import os
import signal
import subprocess
import sys
import time

from medivoy.embedded import children

# A parent that starts a sleeping child, prints its number, and waits to be killed.
PARENT = """
import sys, time
from medivoy.embedded import children
print(children.spawn([sys.executable, "-c", "import time; time.sleep(60)"]).pid, flush=True)
time.sleep(60)
"""


def ends(pid, seconds=5.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def test_a_child_ends_with_a_parent_that_is_killed():
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    assert ends(child)


def test_a_child_does_not_inherit_ignored_signals():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        child = children.spawn([sys.executable, "-c", "import time; time.sleep(60)"])
    finally:
        signal.signal(signal.SIGINT, before)
    time.sleep(0.3)
    child.send_signal(signal.SIGINT)
    assert child.wait(5) != 0


def test_stop_kills_what_does_not_listen_and_what_was_left_behind():
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); time.sleep(60)"
    child = children.spawn(["sh", "-c", f'"{sys.executable}" -c "{deaf}" & wait'], output=subprocess.PIPE)
    assert child.stdout.readline() == b"on\n"
    children.stop(child, patience=0.2)
    assert child.stdout.read() == b""  # nobody holds the other end any more
