"""The Fourier page: spectra, rules and their history against their definitions."""

import numpy as np

from grokdash.analysis import cross_split, fourier
from grokdash.analysis.logits import cosine_coefficients
from grokdash.views import get_view
from grokdash.views.core.render import make_drawing, render
from grokdash.views.core.selection import parse_selection


def drawing_of(run, view_id, step=None, **query):
    view = get_view(view_id)
    assert view.missing(run) is None
    selection, _ = parse_selection(query, run)
    return make_drawing(
        run.at(run.last if step is None else step), view, selection, "light"
    )


def test_readout_spectrum_is_that_of_the_product_of_weights(run_view):
    at = run_view.at(6)
    W_L = (
        at.param("blocks/0/W_out").astype(float) @ at.param("W_U").astype(float)[:, :7]
    )
    expected = np.sqrt(fourier.fold(fourier.component_power(W_L.T)))

    norm = drawing_of(run_view, "readout-spectrum").arrays["norm"]

    np.testing.assert_allclose(norm, expected, rtol=1e-4)


def test_cosine_and_sine_add_up_to_the_folded_norm(runs):
    for operation, sines in (("add", [1, 2, 3]), ("multiply", [1, 2])):
        run = runs(operation=operation)
        arrays = drawing_of(run, "embedding-components").arrays
        folded = drawing_of(run, "embedding-spectrum").arrays["norm"]
        sin = np.nan_to_num(arrays["sin"])

        np.testing.assert_allclose(np.hypot(arrays["cos"], sin), folded)
        assert (np.flatnonzero(np.isfinite(arrays["sin"])) + 1).tolist() == sines


def test_logit_plane_puts_cos_and_sin_around_their_frequency(run_view):
    fig = render(drawing_of(run_view, "logit-plane"), get_view("logit-plane"))
    trace = fig.data[0]
    G = run_view.stored.measure("logits/G", 6)

    np.testing.assert_allclose(10.0 ** np.asarray(trace.z, float), G, rtol=1e-4)
    np.testing.assert_array_equal(np.round(trace.x[1:]), [1, 1, 2, 2, 3, 3])
    assert trace.zmax - trace.zmin <= 3.0 + 1e-9


def test_a_rule_passes_exactly_where_its_cell_is_warm(run_view):
    z = drawing_of(run_view, "key-rules").arrays["z"]
    share = run_view.stored.measure("logits/sum_share", 6)
    neurons = run_view.stored.measure("neuron/freq", 6)
    embed = drawing_of(run_view, "embedding-spectrum").arrays["norm"]

    assert z.shape == (6, 3)
    threshold = cross_split.key_threshold(run_view.fibres)
    both = run_view.at(6).cross_split_share
    np.testing.assert_array_equal(z[5] > 0, both > threshold)
    np.testing.assert_array_equal(z[4] > 0, share > 0.01)
    np.testing.assert_array_equal(z[2] > 0, np.isin([1, 2, 3], neurons))
    np.testing.assert_array_equal(z[0] > 0, embed > embed.max() / 4)


def test_evolution_ends_at_the_spectrum(run_view):
    values = drawing_of(run_view, "embedding-evolution").arrays["values"]

    np.testing.assert_allclose(
        values[-1], drawing_of(run_view, "embedding-spectrum").arrays["norm"]
    )


def test_waterfall_has_one_column_per_checkpoint_at_its_epoch(run_view):
    view = get_view("embedding-waterfall")
    drawing = drawing_of(run_view, view.id)
    fig = render(drawing, view)

    np.testing.assert_array_equal(fig.data[0].x, run_view.steps)
    np.testing.assert_allclose(fig.data[0].z, drawing.arrays["values"].T, rtol=1e-6)
    logarithmic = render(drawing_of(run_view, view.id, x="log"), view)
    np.testing.assert_array_equal(logarithmic.data[0].x, run_view.steps[1:])


def test_strip_has_six_panels_on_one_scale(run_view):
    view = get_view("spectra-strip")
    fig = render(drawing_of(run_view, view.id), view)
    ranges = {tuple(axis.range) for axis in fig.select_yaxes()}

    assert len(fig.data) == 6
    assert len(ranges) == 1
    assert [note.text for note in fig.layout.annotations][0::5] == [
        "epoch 0",
        "epoch 6",
    ]


def test_kinds_of_waves_add_up_to_one(run_view):
    arrays = drawing_of(run_view, "logit-shares").arrays
    total = sum(arrays[name] for name in ("sum", "difference", "linear", "cross"))

    np.testing.assert_allclose(total, 1.0, atol=1e-6)


def test_cosine_amplitudes_are_those_of_the_offset_profile(run_view):
    values = drawing_of(run_view, "cosine-coefficients").arrays["values"]
    f = run_view.stored.measure("logits/offset", 6).astype(float)

    np.testing.assert_allclose(values[-1], cosine_coefficients(f))
