"""Start the application's server: `python -m viz.serve`; users type `lvjin app`.

Settings that Solara reads from the environment are put there before it is imported.
"""

import argparse
import logging
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

SETTINGS = {
    "SOLARA_APP": "viz.app",
    "SOLARA_MODE": "production",
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "false",
    "SOLARA_THEME_SHOW_BANNER": "false",
    "SOLARA_THEME_TITLE": "绿津 Lvjin",
    "SOLARA_THEME_LOADER": "plain",
    "SOLARA_KERNEL_CULL_TIMEOUT": "10m",
    "SOLARA_SESSION_HTTP_ONLY": "true",
    "SOLARA_ASSETS_FONTAWESOME_ENABLED": "false",
}
PATIENCE = 3  # seconds that open pages get when the server stops


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the options and serve until stopped."""
    options = parser().parse_args(arguments)
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    os.environ["SOLARA_ASSETS_PROXY_CACHE_DIR"] = str(asset_folder())
    os.environ.update(
        {f"LVJIN_APP_{name}": str(getattr(options, name.lower())) for name in ("FIRMS", "REPLICATES", "SEED")}
    )
    warnings.filterwarnings("ignore", module="solara")  # advice on embedding in other pages, which the guard forbids
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    if options.parent:
        threading.Thread(target=end_with, args=(options.parent,), name="parent", daemon=True).start()
    serve(options.host, options.port, options.allow)


def parser() -> argparse.ArgumentParser:
    """The options."""
    found = argparse.ArgumentParser(prog="viz.serve", description=__doc__)
    found.add_argument("--host", default="127.0.0.1")
    found.add_argument("--port", type=int, default=8765)
    found.add_argument(
        "--allow", action="append", default=[], metavar="NAME", help="a name that visitors may use for the server"
    )
    found.add_argument("--firms", type=int, default=5000)
    found.add_argument("--replicates", type=int, default=100)
    found.add_argument("--parent", type=int, default=0, help="a process that this one does not outlive")
    found.add_argument("--seed", type=int, default=1)
    return found


def serve(host: str, port: int, allow: Sequence[str]) -> None:
    """Serve until stopped; threads of the engine start before any visitor, so that they belong to none."""
    import uvicorn

    from viz.service import SERVICE

    engine = SERVICE.engine
    inquiries = SERVICE.inquiries
    SERVICE.prepare()
    from solara.server import starlette

    from viz.front import Front, front
    from viz.guard import Guard

    page = Front(starlette.app, front)
    app = Guard(page, [host, *allow], asset_folder(), lambda: f"ok, {engine.working()} runs at work")
    sys.stderr.write(f"绿津 Lvjin: http://{host if host != '0.0.0.0' else 'localhost'}:{port}/\n")
    try:
        uvicorn.run(
            app,
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=PATIENCE,
        )
    finally:
        inquiries.close()
        engine.close()


def end_with(parent: int) -> None:
    """Stop this process when its parent is gone, however that ended."""
    while os.getppid() == parent:
        time.sleep(1.0)
    os.kill(os.getpid(), signal.SIGTERM)


def asset_folder() -> Path:
    """Where solara-assets put its files; raises FileNotFoundError where they are not installed."""
    for root in (Path(sys.prefix), *map(Path, sys.path)):
        folder = root / "share" / "solara" / "cdn"
        if (folder / "requirejs@2.3.6").is_dir():
            return folder
    raise FileNotFoundError("solara-assets is not installed")


if __name__ == "__main__":
    main()
