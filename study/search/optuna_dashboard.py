"""A copy of a search in an Optuna database, for optuna-dashboard, kept up as the search goes. It decides nothing.

An early-stopped proposal is PRUNED with its values by epoch as soon as its scheduler has dropped it; one that ASHA may
yet promote is RUNNING. A diverged or failed one is FAIL at once. Where a dropped one goes on after all (the search was
extended, or too few came to the end), it gets a second trial there, for Optuna's trials cannot be taken up again.
"""

from __future__ import annotations

import dataclasses
import re
import socket
import sys
from typing import Any
from urllib.parse import urlsplit

from study.search.controller import SearchController
from study.search.optuna_trials import directions, frozen_trial, make_trial, quiet_optuna
from study.spec.search import Search
from study.storage.search_events import Proposal
from trainables.config.errors import BadInput
from trainables.config.passwords import without_passwords_of


class DashboardCopy:
    """The copy of one part of a search.

    Raises:
        BadInput: the storage cannot be reached.
    """

    def __init__(self, url: str, name: str, search: Search) -> None:
        self.search, self._url = search, url
        self._storage = open_storage(url)
        study = quiet_optuna().create_study(
            storage=self._storage, study_name=name, directions=directions(search), load_if_exists=True
        )
        self._study = study._study_id  # noqa: SLF001  # see test_ray_patches_private_names
        self._there: dict[int, tuple[int, Any, int]] = {}
        """By proposal: the number of its latest trial there, that one's state, and how many values by epoch it has."""
        self._lost = False
        for t in study.get_trials(deepcopy=False):
            self._there[t.user_attrs.get("proposal", -1)] = t._trial_id, t.state, len(t.intermediate_values)  # noqa: SLF001  # see test_ray_patches_private_names

    def follow(self, controller: SearchController, over: bool = False) -> None:
        """Bring every trial up to date; `over`: nobody who waits will go on.

        A storage that fails now does not end the search: it is said once, and the next run brings the copy up to date.
        """
        if self._lost:
            return
        try:
            dropped = controller.dropped()
            for p in controller.proposals:
                self.copy(p, dropped=p.state == "paused" and (over or p.number in dropped))
        except Exception as error:  # of whatever database it is
            self._lost = True
            line = without_passwords_of(self._url, _first_line(error))
            sys.stderr.write(f"the dashboard's storage takes nothing more ({line}); the search goes on without it\n")

    def copy(self, proposal: Proposal, *, dropped: bool = False) -> None:
        """Bring a proposal's trial up to date; `dropped`: whether it waits and will not go on."""
        wanted = frozen_trial(self.search, proposal, sampler=False, dropped=dropped)
        number, state, values = self._there.get(proposal.number, (-1, None, 0))
        finished = state is not None and state.is_finished()
        if (state == wanted.state and values == len(wanted.intermediate_values)) or (
            finished and proposal.state == "paused"
        ):
            return
        if state is None or finished:
            number, values = self._begin(proposal), 0
        for epoch, value in list(wanted.intermediate_values.items())[values:]:
            self._storage.set_trial_intermediate_value(number, epoch, value)
        if wanted.state.is_finished():
            last = proposal.values(self.search.objectives) if dropped else wanted.values
            self._storage.set_trial_state_values(number, wanted.state, last)
        self._there[proposal.number] = number, wanted.state, len(wanted.intermediate_values)

    def _begin(self, p: Proposal) -> int:
        """A new trial there, running and without values."""
        bare = dataclasses.replace(p, curves={})
        template = make_trial(self.search, p.point, quiet_optuna().trial.TrialState.RUNNING, bare, False)
        return int(self._storage.create_new_trial(self._study, template_trial=template))


def _first_line(error: BaseException) -> str:
    """What a database says, without the names of the classes around it."""
    line = (str(error).strip() or "it does not say why").splitlines()[0]
    return re.sub(r"^(\(\w+\.\w+\)|\[Errno -?\d+\]) ", "", line)


def open_storage(url: str) -> Any:
    """An Optuna storage: `journal:FILE`, `sqlite:///FILE`, or the URL of another database that SQLAlchemy can reach.

    Raises:
        BadInput: it cannot be reached; without the password that the URL may hold.
    """
    try:
        urlsplit(url)
    except ValueError as error:
        raise BadInput("--dashboard", url.partition("://")[0] + "://...", f"it is not a URL: {error}") from None
    o = quiet_optuna()
    try:
        if url.startswith("journal:"):
            return o.storages.JournalStorage(o.storages.journal.JournalFileBackend(url.removeprefix("journal:")))
        from sqlalchemy.engine import make_url

        parts = make_url(url)  # as Optuna reads it: a password may hold what ends a host elsewhere
        port = parts.port or {"mysql": 3306, "postgresql": 5432}.get(parts.get_backend_name())
        if parts.host and port:
            socket.create_connection((parts.host, port), timeout=5).close()
        return o.storages.RDBStorage(
            url, engine_kwargs={"connect_args": {"timeout": 30}} if parts.drivername == "sqlite" else None
        )
    except Exception as error:
        line = without_passwords_of(url, _first_line(error))
        raise BadInput("--dashboard", url, f"this storage cannot be reached: {line}") from None
