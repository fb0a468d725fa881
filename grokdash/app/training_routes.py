"""The routes that start, stop and watch training.

What changes something is a POST with the page's own header, behind the same checks of
host, origin and token as deleting a run.
"""

import json
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request

from grokdash.app.routes import fail, posted, refuse
from grokdash.app.start_form import check_form, form_fields
from grokdash.app.trainers import DISK_BUDGET_GB, Trainers
from grokdash.config import RunConfig
from grokdash.errors import ConfigError, GrokdashError
from grokdash.store import Store

MOST_LETTERS = 100


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
    routes.register_error_handler(GrokdashError, refuse)
    routes.register_error_handler(Exception, fail)
    return routes


class _Api:
    """One method per route."""

    def __init__(self, trainers: Trainers, store: Store) -> None:
        self._trainers = trainers
        self._store = store

    def form(self) -> Response:
        return _json({**form_fields(), "why_not": self._trainers.why_not()})

    def check(self) -> Response:
        self._check_allowed()
        fields = {name: text for name, text in request.args.items() if name != "preset"}
        preset = request.args.get("preset", "nanda")
        return _json(
            check_form(self._store.path, preset, _short(fields), DISK_BUDGET_GB)
        )

    def launches(self) -> Response:
        return _json(self._trainers.launches())

    def log(self, run_id: str) -> Response:
        return _json(self._trainers.log(run_id))

    def start(self) -> Response:
        values = self._posted()
        fields = values.get("fields", {})
        if not isinstance(fields, dict):
            raise ConfigError("fields: expected an object of values by field")
        preset = str(values.get("preset", "nanda"))
        return self._unless_busy(
            values, lambda: self._trainers.start(preset, _short(fields))
        )

    def resume(self, run_id: str) -> Response:
        def go_on() -> str:
            self._trainers.resume(run_id)
            return run_id

        return self._unless_busy(self._posted(), go_on)

    def stop(self, run_id: str) -> Response:
        self._posted()
        self._trainers.stop(run_id)
        return _json({"ok": True})

    def dismiss(self, run_id: str) -> Response:
        self._posted()
        self._trainers.dismiss(run_id)
        return _json({"ok": True})

    def _unless_busy(
        self, values: dict[str, Any], action: Callable[[], str]
    ) -> Response:
        """Do it, or ask back once when every core is taken."""
        if values.get("sure") is not True and (busy := self._trainers.busy()):
            return _json({"error": busy}, 409)
        return _json({"run": action()})

    def _posted(self) -> dict[str, Any]:
        values = posted(read_only=False)
        self._check_allowed()
        return values

    def _check_allowed(self) -> None:
        if why := self._trainers.why_not():
            raise ConfigError(why)


def _short(fields: dict[str, Any]) -> dict[str, Any]:
    """Refuse what no field can be, before it is quoted back."""
    for name, value in fields.items():
        if not isinstance(value, str | int | float | bool):
            raise ConfigError(f"{name[:40]}: expected a text or a number")
        if len(str(name)) > MOST_LETTERS or len(str(value)) > MOST_LETTERS:
            raise ConfigError(
                f"{name[:40]}: at most {MOST_LETTERS} characters; "
                f"the fields are {', '.join(RunConfig.model_fields)}"
            )
    return fields


def _json(value: Any, status: int = 200) -> Response:
    text = json.dumps(value, allow_nan=False)
    response = Response(text, status=status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
