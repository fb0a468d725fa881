"""The routes that start, stop and watch sweeps; guarded as those of training are."""

from collections.abc import Callable

from flask import Blueprint, Response, request

from grokdash.app.answers import answer_errors, posted, send
from grokdash.app.sweep_form import check_sweep, chosen_sweep, offered
from grokdash.app.sweepers import Sweepers
from grokdash.contract.listing import Done, Failure, NoBody
from grokdash.contract.sweep_start import SweepStart, SweepStarted
from grokdash.contract.training import ResumeBody
from grokdash.errors import ConfigError, NoRoomError
from grokdash.store import Store
from grokdash.sweeps.cost import cost


def make_sweep_start_routes(sweepers: Sweepers, store: Store) -> Blueprint:
    """Make the blueprint of the routes that have to do with starting sweeps."""
    routes = Blueprint("sweep-start-api", __name__, url_prefix="/api")
    api = _Api(sweepers, store)
    for rule, function, method in (
        ("/sweeps/form", api.form, "GET"),
        ("/sweeps/check", api.check, "GET"),
        ("/sweeps/start", api.start, "POST"),
        ("/sweep/<sweep_id>/driver", api.driver, "GET"),
        ("/sweep/<sweep_id>/resume", api.resume, "POST"),
        ("/sweep/<sweep_id>/stop", api.stop, "POST"),
    ):
        routes.add_url_rule(rule, view_func=function, methods=[method])
    answer_errors(routes, store)
    return routes


class _Api:
    """One method per route."""

    def __init__(self, sweepers: Sweepers, store: Store) -> None:
        self._sweepers = sweepers
        self._store = store

    def form(self) -> Response:
        return send(offered(self._store, self._sweepers.why_not()))

    def check(self) -> Response:
        self._check_allowed()
        return send(check_sweep(self._store, self._sweepers, request.args.to_dict()))

    def start(self) -> Response:
        body = posted(SweepStart)
        self._check_allowed()
        sweep, _ = chosen_sweep(body["form"])
        if room := cost(sweep, self._store).room:
            raise NoRoomError(room)

        def begin() -> str:
            self._sweepers.start(sweep)
            return sweep.id

        return self._unless_busy(begin, sure=body.get("sure", False))

    def driver(self, sweep_id: str) -> Response:
        return send(self._sweepers.driver(sweep_id))

    def resume(self, sweep_id: str) -> Response:
        def go_on() -> str:
            self._sweepers.resume(sweep_id)
            return sweep_id

        sure = posted(ResumeBody).get("sure", False)
        self._check_allowed()
        return self._unless_busy(go_on, sure=sure)

    def stop(self, sweep_id: str) -> Response:
        posted(NoBody)
        self._check_allowed()
        self._sweepers.stop(sweep_id)
        return send(Done(ok=True))

    def _unless_busy(self, action: Callable[[], str], *, sure: bool) -> Response:
        """Do it, or ask back once when every core is taken."""
        if not sure and (busy := self._sweepers.busy()):
            return send(Failure(error=busy), 409)
        return send(SweepStarted(sweep=action()))

    def _check_allowed(self) -> None:
        if why := self._sweepers.why_not():
            raise ConfigError(why)
