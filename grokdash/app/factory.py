"""Make the app. Called twice in one process it gives two apps that share nothing."""

import logging
from collections.abc import Callable, Collection
from typing import Any

import dash
import flask

from grokdash.app.compare_routes import make_compare_routes
from grokdash.app.deadlines import Limits, keep_deadlines
from grokdash.app.few import downloads
from grokdash.app.first_frame import first_frame, page_of
from grokdash.app.kept import Kept
from grokdash.app.manifest import manifest
from grokdash.app.mount import Mount, MountedDash, checked_base_path, mounted_at
from grokdash.app.packing import pack_answers
from grokdash.app.posture import Access, protect
from grokdash.app.report_routes import make_report_routes
from grokdash.app.routes import make_routes
from grokdash.app.runs import Runs
from grokdash.app.scripts import PLOTLY, first_paint, kept_files, policy_hash, start
from grokdash.app.shell import index, navigation, shell
from grokdash.app.sweep_routes import make_sweep_routes
from grokdash.app.sweep_start_routes import make_sweep_start_routes
from grokdash.app.sweep_wiring import wire_sweeps
from grokdash.app.sweepers import Sweepers
from grokdash.app.trainers import Trainers
from grokdash.app.training_routes import make_training_routes
from grokdash.app.wiring import wire
from grokdash.bundle import assets_folder
from grokdash.cache import Cache
from grokdash.contract.rows import called
from grokdash.errors import (
    DamagedFileError,
    GrokdashError,
    NotPermittedError,
    StoreError,
)
from grokdash.pages import PAGES, Page, PageContext
from grokdash.pages.problem import broken_run, problem
from grokdash.store import Store
from grokdash.views.sweep.data import SweepReader

_CONTEXT = "GROKDASH_PAGES"

MOST_BYTES = 1_000_000_000
"""What the computations of pictures may take together unless told otherwise."""

_log = logging.getLogger(__name__)


def create_app(
    store: Store,
    cache: Cache | None = None,
    *,
    access: Access | None = None,
    read_only: bool = False,
    most_bytes: int | None = MOST_BYTES,
    limits: Limits | None = None,
) -> dash.Dash:
    """Build the app over one store.

    Parameters
    ----------
    store
        Opened with :func:`grokdash.store.open_store`.
    cache
        Where recomputed arrays are kept; in memory if none is given.
    access
        Who may reach it besides browsers of this computer, and in which frames.
    read_only
        Whether every request that changes the store is refused.
    most_bytes
        What the computations of pictures may take together; None for as much as they
        need.
    limits
        How long a request waits for a disk that does not answer.

    Raises
    ------
    ConfigError
        If the base path is none that the app can have.
    """
    access = access or Access()
    runs = Runs(store, cache or Cache(), most_bytes)
    sweeps = SweepReader(store)
    trainers = Trainers(store, read_only=read_only)
    assets = assets_folder()
    kept, paint = kept_files(assets), first_paint(assets)
    app = MountedDash(
        "grokdash",
        title="grokdash",
        update_title=None,  # pyright: ignore[reportArgumentType] - documented as optional
        assets_folder=str(assets),
        assets_path_ignore=["js", "pdf", "plotly"],
        assets_ignore=r".*\.css",
        index_string=index(kept, paint),
        use_pages=True,
        pages_folder="",
        suppress_callback_exceptions=True,
        serve_locally=True,
    )
    app.server.config[_CONTEXT] = PageContext(
        store=store,
        run_view=runs.get,
        manifest=manifest,
        why_no_training=trainers.why_not,
        damage=runs.damage,
    )
    app.renderer = start()
    _register(PAGES)
    app.layout = shell
    app.first_frame = lambda: _frame(kept)
    wire(app)
    wire_sweeps(app, sweeps)
    saved = downloads()
    app.server.register_blueprint(make_routes(runs, read_only=read_only, saved=saved))
    app.server.register_blueprint(make_training_routes(trainers, store))
    app.server.register_blueprint(make_compare_routes(runs, saved))
    app.server.register_blueprint(kept.blueprint())
    app.server.register_blueprint(make_sweep_routes(sweeps, saved))
    app.server.register_blueprint(
        make_report_routes(runs, sweeps, read_only=read_only, saved=saved)
    )
    sweepers = Sweepers(store, trainers)
    app.server.register_blueprint(make_sweep_start_routes(sweepers, store))
    with app.server.test_request_context("/"):
        # Dash adds the script that sets page titles at the first request.
        app.server.preprocess_request()
    protect(app.server, access, script_hashes=[*app.csp_hashes(), policy_hash(paint)])
    pack_answers(app.server)
    keep_deadlines(app.server, store, limits)
    app.server.wsgi_app = Mount(
        app.server.wsgi_app,
        checked_base_path(access.base_path, _first_parts(app.server)),
        access.token if access.token_in_path else "",
    )
    return app


def _first_parts(server: flask.Flask) -> set[str]:
    """Give what the paths of the app begin with."""
    rules = [rule.rule for rule in server.url_map.iter_rules()]
    rules += [page.path_template for page in PAGES]
    return {rule.split("/")[1] for rule in rules}


def _register(pages: Collection[Page]) -> None:
    """Register the pages; dash keeps one registry for all apps of a process.

    So a registered layout knows no store: it asks the app that serves the request.
    """
    for page in pages:
        dash.register_page(
            f"grokdash.{page.name}",
            path_template=page.path_template,
            name=page.name,
            title=page.title,
            order=page.order,
            layout=_guarded(page),
        )
    # Dash shows this one where no path fits; its name says so.
    dash.register_page(
        "grokdash.not_found_404",
        title="Not found · grokdash",
        layout=lambda **_query: problem("There is no page of this address."),
    )


def _frame(kept: Kept) -> str:
    """Write the frame of the page that is asked for."""
    found = page_of(flask.request.path)
    if found is None:
        return first_frame(navigation(), None)
    page, names = found
    query = dict(flask.request.args) | names
    lay_out = (lambda: _guarded(page)(**query)) if page.at_once else None
    loads = f'<meta name="loads" content="{" ".join(page.loads)}">'
    if "plotly" in page.loads:
        plotly = kept.address(PLOTLY, mounted_at())
        loads += f'<link rel="preload" as="script" fetchpriority="low" href="{plotly}">'
    return loads + first_frame(navigation(), lay_out)


def _guarded(page: Page) -> Callable[..., Any]:
    """Lay a page out; an error of the store becomes a page that says what is wrong."""

    def layout(**query: Any) -> Any:
        context: PageContext = flask.current_app.config[_CONTEXT]
        try:
            return page.layout(context, **query)
        except GrokdashError as error:
            return _refusal(context.store, str(query.get("run_id", "")), error)
        except Exception:  # noqa: BLE001 - the one place where errors of a page end
            _log.exception("page %s failed", page.name)
            return problem("This page failed; the server's log has the details.")

    return layout


def _refusal(store: Store, run_id: str, error: GrokdashError) -> Any:
    """Say why there is no page; of a run that is listed as broken, by its name."""
    if isinstance(error, DamagedFileError | NotPermittedError) and run_id:
        store.report_problem(run_id, str(error))
    try:
        rows = store.summaries() if run_id else []
    except StoreError:  # the store as a whole, as the first error says
        rows = []
    listed = next((row for row in rows if row.id == run_id and row.problem), None)
    if listed is None:
        return problem(store.inside(str(error)))
    return broken_run(called(listed), listed.problem)
