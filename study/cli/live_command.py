"""`study live`: the report in a browser while a run goes on."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from study.app.wrapping import say
from study.cli.last_folder import given_or_last
from study.cli.options import LastFolder
from study.cli.wait_for_run import wait_for_folder

NICENESS = 10
"""Whoever trains goes first."""


def live(
    folder: LastFolder = None,
    port: Annotated[
        int,
        typer.Option(
            "--port",
            metavar="N",
            help="Port on this machine. Left out, a free one.",
            min=0,
            max=65535,
            show_default=False,
        ),
    ] = 0,
    browser: Annotated[bool, typer.Option("--open", help="Open the page in the browser of this machine.")] = False,
) -> None:
    """Serve the report while a run goes on, for a browser of this machine. Ctrl-C ends the page, not the run."""
    from study.app.live_server import LiveServer
    from study.app.live_watch import LiveWatch

    where = given_or_last(folder)
    wait_for_folder(where)
    watch = LiveWatch(where)
    with LiveServer(watch, port) as server:
        os.nice(NICENESS)
        watch.start()
        print(server.address, flush=True)
        here = server.server_port
        say(
            f"This page follows {where}. Only this machine's browsers reach it, and the address is its key. Ctrl-C "
            f"ends the page, and no run. From elsewhere: `ssh -L {here}:127.0.0.1:{here} HOST`."
        )
        if browser:
            import webbrowser

            webbrowser.open(server.address_for_once)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            watch.stop()
            say("\nthe page has ended")
