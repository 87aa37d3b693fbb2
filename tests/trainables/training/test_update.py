"""An update: that all it reads and writes stays where it is, so that a graph of it gives the same numbers."""

from __future__ import annotations

import pytest
import torch

from tests.trainables.recording import FakeRecorder
from tests.trainables.small import IMAGES, KNOB_CHANGES, SMALL, arrays, train
from tests.trainables.training.test_loop import numbers
from trainables.config.trial_config import TrialConfig
from trainables.training import checkpoint as state
from trainables.training.device_arrays import prepare_process
from trainables.training.loop import Training


@pytest.fixture(autouse=True)
def _a_process_that_trains() -> None:
    prepare_process()


def replayed(config: TrialConfig, seeds: tuple[int, ...], recorder: FakeRecorder) -> Training:
    training = Training(config, seeds, arrays(), recorder)
    while not training.over:
        training.epoch()
    return training


@pytest.mark.parametrize("change", [c for c in KNOB_CHANGES if "lbfgs" not in c])
def test_replayed_updates_are_the_eager_ones_to_the_last_bit(change: str) -> None:
    config = SMALL.replace(batch_size=16, epochs=2).replace(**KNOB_CHANGES[change])
    for seeds in ((0,), (0, 1)):
        recorder = FakeRecorder()
        found, expected = replayed(config, seeds, recorder), train(config, seeds)
        assert recorder.captured >= 1 and recorder.replayed >= 2
        assert torch.equal(found.network.theta, expected.network.theta)
        assert [numbers(h) for h in found.history] == [numbers(h) for h in expected.history]
        for r in range(len(seeds)):
            memory, other = found.optimizer.state(r).tensors, expected.optimizer.state(r).tensors
            assert all(torch.equal(memory[k], other[k]) for k in other)


def test_a_graph_is_captured_anew_for_another_rate_and_never_for_the_odd_batch() -> None:
    constant, cosine = FakeRecorder(), FakeRecorder()
    config = SMALL.replace(batch_size=20)
    assert IMAGES % 20
    replayed(config, (0,), constant)
    assert (constant.warmed, constant.captured, constant.replayed) == (1, 1, 3 * (IMAGES // 20) - 1)
    replayed(config.replace(schedule="cosine"), (0,), cosine)
    assert (cosine.warmed, cosine.captured, cosine.replayed) == (3, 3, 3 * (IMAGES // 20 - 1))


def test_a_replayed_run_goes_on_from_a_checkpoint_of_an_eager_one() -> None:
    eager = Training(SMALL, (0,), arrays())
    eager.epoch()
    second = Training(SMALL, (0,), arrays(), FakeRecorder())
    state.load(second, 0, "t", state.save(eager, 0, "t"))
    while not second.over:
        second.epoch()
    assert torch.equal(second.network.theta, train(SMALL).network.theta)


def test_the_fake_graph_refuses_a_look_at_a_value_and_keeps_the_numbers_that_python_gave() -> None:
    x, factor = torch.ones(3), [2.0]
    with pytest.raises(AssertionError, match="captured"):
        FakeRecorder().capture(lambda: print(x.sum().item()))

    def step() -> None:
        x.mul_(factor[0] + x)

    replay = FakeRecorder().capture(step)
    assert x.tolist() == [1, 1, 1]
    factor[0] = 100.0
    replay()
    assert x.tolist() == [3, 3, 3]


def test_memory_stays_where_it_is_between_updates() -> None:
    training = Training(SMALL.replace(dropout_hidden=0.2, dropout_input=0.2), (0, 1), arrays())

    def places() -> list[int]:
        step, network = training._step(32), training.network
        chance = [c for c, _ in step.chance]
        return [t.data_ptr() for t in (step.rows, step.loss, step._x, step._y, network.theta, network.grad, *chance)]

    training.epoch()
    first = places()
    training.epoch()
    assert places() == first
