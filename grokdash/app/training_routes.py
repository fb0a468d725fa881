"""The routes that start, stop and watch training.

What changes something is a POST with the page's own header, behind the same checks of
host, origin and token as deleting a run.
"""

from collections.abc import Callable, Mapping
from typing import TypeVar

from flask import Blueprint, Response, request

from grokdash.app.answers import answer_errors, posted, send
from grokdash.app.start_form import check_form, form_fields
from grokdash.app.trainers import DISK_BUDGET_GB, Trainers
from grokdash.config import RunConfig
from grokdash.contract.listing import Done, Failure, NoBody
from grokdash.contract.training import ResumeBody, StartBody, Started
from grokdash.errors import ConfigError
from grokdash.store import Store

MOST_LETTERS = 100

_Body = TypeVar("_Body")
_Value = str | int | float | bool


def make_training_routes(trainers: Trainers, store: Store) -> Blueprint:
    """Make the blueprint of the routes that have to do with training."""
    routes = Blueprint("training-api", __name__, url_prefix="/api")
    api = _Api(trainers, store)
    for rule, function, method in (
        ("/form", api.form, "GET"),
        ("/form/check", api.check, "GET"),
        ("/launches", api.launches, "GET"),
        ("/run/<run_id>/log", api.log, "GET"),
        ("/train", api.start, "POST"),
        ("/run/<run_id>/resume", api.resume, "POST"),
        ("/run/<run_id>/stop", api.stop, "POST"),
        ("/run/<run_id>/dismiss", api.dismiss, "POST"),
    ):
        routes.add_url_rule(rule, view_func=function, methods=[method])
    answer_errors(routes, store)
    return routes


class _Api:
    """One method per route."""

    def __init__(self, trainers: Trainers, store: Store) -> None:
        self._trainers = trainers
        self._store = store

    def form(self) -> Response:
        return send(form_fields(self._store, self._trainers.why_not()))

    def check(self) -> Response:
        self._check_allowed()
        fields = {name: text for name, text in request.args.items() if name != "preset"}
        preset = request.args.get("preset", "nanda")
        return send(check_form(self._store, preset, _short(fields), DISK_BUDGET_GB))

    def launches(self) -> Response:
        return send(self._trainers.launches())

    def log(self, run_id: str) -> Response:
        return send(self._trainers.log(run_id))

    def start(self) -> Response:
        body = self._posted(StartBody)
        fields, preset = _short(body.get("fields", {})), body.get("preset", "nanda")
        return self._unless_busy(
            lambda: self._trainers.start(preset, fields), sure=body.get("sure", False)
        )

    def resume(self, run_id: str) -> Response:
        def go_on() -> str:
            self._trainers.resume(run_id)
            return run_id

        sure = self._posted(ResumeBody).get("sure", False)
        return self._unless_busy(go_on, sure=sure)

    def stop(self, run_id: str) -> Response:
        self._posted(NoBody)
        self._trainers.stop(run_id)
        return send(Done(ok=True))

    def dismiss(self, run_id: str) -> Response:
        self._posted(NoBody)
        self._trainers.dismiss(run_id)
        return send(Done(ok=True))

    def _unless_busy(self, action: Callable[[], str], *, sure: bool) -> Response:
        """Do it, or ask back once when every core is taken."""
        if not sure and (busy := self._trainers.busy()):
            return send(Failure(error=busy), 409)
        return send(Started(run=action()))

    def _posted(self, kind: type[_Body]) -> _Body:
        body = posted(kind)
        self._check_allowed()
        return body

    def _check_allowed(self) -> None:
        if why := self._trainers.why_not():
            raise ConfigError(why)


def _short(fields: Mapping[str, _Value]) -> Mapping[str, _Value]:
    """Refuse what no field can be, before it is quoted back."""
    for name, value in fields.items():
        if len(str(name)) > MOST_LETTERS or len(str(value)) > MOST_LETTERS:
            raise ConfigError(
                f"{name[:40]}: at most {MOST_LETTERS} characters; "
                f"the fields are {', '.join(RunConfig.model_fields)}"
            )
    return fields
