import signal

import pytest

from grokdash.training.stopping import stop_on_signals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_stops_a_run_and_what_it_is_one_of(number):
    with stop_on_signals() as several:
        with stop_on_signals() as first:
            signal.raise_signal(number)
        with stop_on_signals() as second:
            pass

    assert first.is_set()
    assert several.is_set()
    assert not second.is_set()


def test_second_interrupt_ends_at_once_and_handlers_come_back():
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)

    with pytest.raises(KeyboardInterrupt):
        interrupt_twice()

    assert before == (
        signal.getsignal(signal.SIGINT),
        signal.getsignal(signal.SIGTERM),
    )


def interrupt_twice():
    with stop_on_signals() as stopping:
        signal.raise_signal(signal.SIGINT)
        assert stopping.is_set()
        signal.raise_signal(signal.SIGINT)
