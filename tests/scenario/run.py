# SPDX-License-Identifier: ISC
"""run.py FILE.scene ...: each scene five ways; started by run.sh.

  plain     undisturbed
  rebuilt   the view is deleted before the first input and after each
  again     after each input nothing is sent or written by a full pass, by a
            restart, and by a full pass after that
  kill      the daemon is killed at each passage of each failpoint, and started
  fail      the tool fails at each call: it answers 500, or 429, or takes it and
            cuts the connection
  heal      the tool refuses everything until all inputs are in

SCENE and WAY choose: SCENE="V14" WAY=kill:before-send:2.
"""
import os
import sys
import time

import table
from daemon import Daemon
from directory import Directory
from scene import Failed, Run
from tools import Outside

FAILURES = ("500", "429", "cut")


class Site:
    """What all runs share: slapd, the tools, a place to work."""

    def __init__(self, work):
        self.outside = Outside()
        self.directory = Directory()
        self.daemon = Daemon(work, self.outside)
        self.world = self.directory.read(Everybody())
        self.known = set(self.world)
        self.plain = None

    def target(self, tool):
        return self.world["tool", tool]["provostTarget"][0]

    @staticmethod
    def tool_trouble(scene):
        """Its steps of tools: then a tool may be told what it has."""
        return (i for s in scene.stages for i in s.do
                if i.words[0] in ("tool", "restart"))


class Everybody:
    """All names are known."""

    def __contains__(self, key):
        return True


def ways(plain):
    yield "rebuilt",
    yield "again",
    for name, n in plain.passages().items():
        for i in range(1, n + 1):
            yield "kill", name, str(i)
    for i in range(1, plain.out.calls + 1):
        for mode in FAILURES:
            yield "fail", mode, str(i)
    if plain.out.calls:
        yield "heal",


class Harness:
    def __init__(self, site):
        self.site, self.failed, self.runs = site, 0, 0
        self.missed = 0     # passages of the plain run that were not met again

    def run(self, scene, way, want=None):
        """The run, None when it failed."""
        run = Run(self.site, scene, way)
        self.runs += 1
        try:
            end = run.play()
            if want is not None and end != want:
                raise Failed("another end: " + "\n".join(
                    f"{a} {line}" for a, x, y in (("-", want, end),
                                                  ("+", end, want))
                    for line in x.split("\n") if line not in y.split("\n")))
            if way[0] == "kill" and not run.deaths:
                self.missed += 1
                if way[2] == "1":
                    raise Failed("it did not die")
            run.end = end
            return run
        except Failed as e:
            self.failed += 1
            print(f"FAILED: {scene.name} [{':'.join(way)}]:")
            for line in [*str(e).split("\n"), "--", *run.trouble()]:
                print(f"\t{line}")
            return None
        finally:
            self.site.daemon.end()

    def scene(self, scene, wanted):
        begin, runs, failed = time.time(), self.runs, self.failed
        plain = self.site.plain = self.run(scene, ("plain",))
        for way in list(ways(plain)) if plain else ():
            if ":".join(way).startswith(wanted) and self.failed - failed < 5:
                self.run(scene, way, plain.end)
        if self.failed == failed:
            print(f"ok: {scene.name} ({self.runs - runs} runs, "
                  f"{time.time() - begin:.1f} s)")
        sys.stdout.flush()


def main(work, files):
    harness = Harness(Site(work))
    scenes = [s for path in files for s in table.read(path)
              if os.environ.get("SCENE", "") in s.name]
    for scene in scenes:
        harness.scene(scene, os.environ.get("WAY", ""))
    print(f"# {len(scenes)} scenes, {harness.runs} runs, {harness.missed} "
          f"passages not met again, {harness.failed} failed")
    return 1 if harness.failed or not scenes else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
