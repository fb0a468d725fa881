"""The routes of reports: listed, read, saved by revisions, added to, exported."""

from flask import Blueprint, Response, request
from plotly.io.json import to_json_plotly

from grokdash.app.answers import (
    answer_errors,
    asked_theme,
    posted,
    send,
    send_numbers,
    send_text,
)
from grokdash.app.few import Few, downloads
from grokdash.app.kept import FOR_EVER
from grokdash.app.reported import brief, exported, shown
from grokdash.app.runs import Runs
from grokdash.contract.listing import Done
from grokdash.contract.report import (
    AddBody,
    Added,
    CopyBody,
    DeleteReport,
    ExportBody,
    ItemSheet,
    Named,
    NewReport,
    ReportBody,
    ReportsAnswer,
)
from grokdash.errors import ConfigError, OutdatedError
from grokdash.report.bundle import bundle_of
from grokdash.report.edit import add, edited
from grokdash.report.looks import in_theme
from grokdash.report.picture import Asked
from grokdash.report.sheets import pictured, sheet_of
from grokdash.report.sources import sources_of
from grokdash.store.reports import Reports, canonical
from grokdash.views.sweep.data import SweepReader

MOST_PICTURES = 1 << 26
"""Bytes that the pictures of one report may take when a page sends them."""


def make_report_routes(
    runs: Runs,
    sweeps: SweepReader,
    *,
    read_only: bool = False,
    saved: Few | None = None,
) -> Blueprint:
    """Make the blueprint of everything that has to do with reports."""
    routes = Blueprint("report-api", __name__, url_prefix="/api")
    api = _Api(runs, sweeps, saved or downloads(), read_only=read_only)
    named = "/report/<name>"
    for rule, function in (
        ("/reports", api.all_reports),
        (named, api.report),
        (f"{named}/figure/<digest>", api.figure),
        (f"{named}/sheets", api.sheets),
    ):
        routes.add_url_rule(rule, view_func=function, methods=["GET"])
    for rule, function in (
        ("/reports/new", api.new),
        (f"{named}/save", api.save),
        (f"{named}/add", api.add),
        (f"{named}/copy", api.copy),
        (f"{named}/delete", api.delete),
        (f"{named}/export/<kind>", api.export),
    ):
        routes.add_url_rule(rule, view_func=function, methods=["POST"])
    answer_errors(routes, runs.store)
    return routes


class _Api:
    """One method per route."""

    def __init__(
        self, runs: Runs, sweeps: SweepReader, saved: Few, *, read_only: bool
    ) -> None:
        self._store = runs.store
        self._reports = Reports(runs.store)
        self._sources = sources_of(runs.get, sweeps)
        self._saved = saved
        self._read_only = read_only

    @property
    def _writable(self) -> bool:
        return not (self._read_only or self._store.read_only)

    def all_reports(self) -> Response:
        found = [brief(self._reports, name) for name in self._reports.names()]
        found.sort(key=lambda one: -one["changed"])
        return send(ReportsAnswer(reports=found, writable=self._writable))

    def report(self, name: str) -> Response:
        report = self._reports.read(name)
        return send(shown(name, report, self._store, writable=self._writable))

    def figure(self, name: str, digest: str) -> Response:
        frozen = self._reports.figure(name, digest)
        answer = send_text(canonical(in_theme(frozen, asked_theme())))
        answer.headers["Cache-Control"] = FOR_EVER
        return answer

    def sheets(self, name: str) -> Response:
        bundle = bundle_of(self._reports, name)
        found = [
            ItemSheet(
                id=one.id, figure=sheet_of(one, bundle.figures[one.figure]).as_figure()
            )
            for one in pictured(bundle.report)
        ]
        return send_text(str(to_json_plotly(found)))

    def new(self) -> Response:
        title = posted(NewReport, read_only=self._read_only)["title"].strip()
        if not title:
            raise ConfigError("title: expected a name for the report")
        return send(Named(name=self._reports.create(title), title=title))

    def save(self, name: str) -> Response:
        body = posted(ReportBody, read_only=self._read_only)
        made = self._reports.save(name, edited(self._reports.read(name), body))
        return send(shown(name, made, self._store, writable=True))

    def add(self, name: str) -> Response:
        body = posted(AddBody, read_only=self._read_only)
        asked = Asked(body["kind"], body["of"], body["view"], body["query"])
        made = add(self._reports, name, asked, self._sources)
        return send(
            Added(
                name=name,
                title=made.title,
                item=made.items[-1].id,
                count=len(made.items),
            )
        )

    def copy(self, name: str) -> Response:
        body = posted(CopyBody, read_only=self._read_only)
        title, report = body["title"].strip(), self._reports.read(name)
        if not title:
            raise ConfigError("title: expected a name for the copy")
        if "report" in body:
            report = edited(report, body["report"])
        return send(Named(name=self._reports.copy(name, title, report), title=title))

    def delete(self, name: str) -> Response:
        if posted(DeleteReport, read_only=self._read_only)["confirm"] != name:
            raise ConfigError("delete: repeat the report's name in the field confirm")
        self._reports.delete(name)
        return send(Done(ok=True))

    def export(self, name: str, kind: str) -> Response:
        request.max_content_length = MOST_PICTURES
        body = posted(ExportBody)
        bundle = bundle_of(self._reports, name)
        if bundle.report.revision != body["revision"]:
            raise OutdatedError(
                f"{name}: was changed since its pictures were drawn: save it again"
            )
        with self._saved:
            made, written_as = exported(bundle, kind, body["pictures"])
        return send_numbers(written_as, made, name)
