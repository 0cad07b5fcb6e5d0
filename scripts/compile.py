"""compile.py [SRC]: the modules every packet passes, compiled by mypyc beside their sources (`make compile`).

GATE runs as pure Python wherever it runs. Where a C compiler and Python's headers are at hand, these modules can be compiled
from the very same sources, which takes about a third off what a packet costs there (docs/decisions/0034-compiled.md). What was
compiled is written down with the sources' digests (src/gate/compiled.json), so that nobody runs yesterday's code unawares.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

MODULES = (
    "gate/access/rules.py",
    "gate/accounting/updates.py",
    "gate/core/exposition.py",
    "gate/database/arrays.py",
    "gate/protocols/radius/chap.py",
    "gate/protocols/radius/codes.py",
    "gate/protocols/radius/errors.py",
    "gate/protocols/radius/packet.py",
    "gate/protocols/radius/pap.py",
    "gate/protocols/radius/server.py",
    "gate/protocols/radius/signing.py",
    "gate/radiusd/account.py",
    "gate/radiusd/authenticate.py",
    "gate/radiusd/clients.py",
    "gate/radiusd/credentials.py",
    "gate/radiusd/gather.py",
    "gate/radiusd/guesses.py",
    "gate/radiusd/holding.py",
    "gate/radiusd/journal.py",
    "gate/radiusd/listener.py",
    "gate/radiusd/replies/__init__.py",
    "gate/radiusd/tallies.py",
    "gate/radiusd/translate.py",
)
RECORD = Path("gate/compiled.json")


def main() -> int:
    """Compile under the folder named, else under this project's src; with `--remove`, take away what was compiled."""
    words = [word for word in sys.argv[1:] if word != "--remove"]
    source = Path(words[0]) if words else Path(__file__).resolve().parents[1] / "src"
    remove(source)
    if "--remove" in sys.argv:
        return 0
    missing = _missing()
    if missing:
        print(f"Compiling needs {missing}. GATE runs without it, as pure Python.", file=sys.stderr)
        return 1
    print(f"Compiling {len(MODULES)} modules: about a minute")
    with tempfile.TemporaryDirectory(prefix="gate-compile-") as cache:
        done = subprocess.run(
            [sys.executable, "-m", "mypyc", "--cache-dir", cache, "--ignore-missing-imports", *MODULES],
            cwd=source,
            env=os.environ | {"MYPYPATH": str(source)},
            capture_output=True,
            text=True,
            check=False,
        )
    shutil.rmtree(source / "build", ignore_errors=True)
    if done.returncode:
        remove(source)
        print(f"{done.stdout[-3000:]}{done.stderr[-3000:]}\nNot compiled; GATE runs as pure Python.", file=sys.stderr)
        return 1
    digests = {module: hashlib.sha256((source / module).read_bytes()).hexdigest() for module in MODULES}
    (source / RECORD).write_text(json.dumps(digests, indent=1) + "\n", encoding="ascii")
    print("Compiled. What runs already goes on as it is: start GATE anew. `make uncompile` takes it back.")
    return 0


def remove(source: Path) -> None:
    """Take away what an earlier run made."""
    (source / RECORD).unlink(missing_ok=True)
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    for file in [*source.glob(f"*__mypyc{suffix}"), *(source / module.replace(".py", suffix) for module in MODULES)]:
        file.unlink(missing_ok=True)


def _missing() -> str | None:
    compiler = (sysconfig.get_config_var("CC") or "cc").split()[0]
    if shutil.which(compiler) is None:
        return f"a C compiler ({compiler}; on Debian: apt-get install gcc python3-dev)"
    if not (Path(sysconfig.get_path("include")) / "Python.h").exists():
        return "Python's headers (on Debian: apt-get install python3-dev)"
    return None


if __name__ == "__main__":
    sys.exit(main())
