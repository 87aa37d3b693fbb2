"""The results folder in a bucket, on a real S3 server (moto's), over a network that errs, cuts and dawdles."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from moto.server import ThreadedMotoServer

from study.cluster.preflight import check_results
from study.spec import registry
from study.storage.durable_files import Folder
from study.storage.results_folder import ResultsFolder
from tests.study.bad_network import Proxy, proxy
from tests.synthetic import records
from tests.trainables.small import SMALL
from trainables.config.errors import BadInput, StoreError

STUDY = registry.load_study("dropout")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def network(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    import boto3

    for name, value in (("AWS_ACCESS_KEY_ID", "testing"), ("AWS_SECRET_ACCESS_KEY", "testing")):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr("study.storage.durable_files.time.sleep", lambda seconds: None)
    boto3.client("s3", endpoint_url=server, region_name="us-east-1").create_bucket(Bucket="studies")
    where = urlsplit(server)
    with proxy(str(where.hostname), int(where.port or 0)) as made:
        yield made
    reset = boto3.resource("s3", endpoint_url=server, region_name="us-east-1").Bucket("studies")
    reset.objects.all().delete()


def url(network: Proxy, path: str = "studies/run") -> str:
    return f"s3://{path}?endpoint_override={network.url}&scheme=http&region=us-east-1"


@pytest.mark.smoke
def test_a_folder_in_a_bucket_is_as_one_on_disk(network: Proxy) -> None:
    folder = Folder(url(network))
    assert folder.names() == []
    assert folder.read("a/b.json") is None
    folder.write("a/b.json", b"1")
    folder.write("a/b.json", b"22")
    folder.write("c", b"")
    assert folder.read("a/b.json") == b"22"
    assert (folder.names(), folder.names("a"), folder.names(deep=True)) == (["c"], ["a/b.json"], ["a/b.json", "c"])
    folder.move("a/b.json", "d")
    assert folder.names(deep=True) == ["c", "d"]
    folder.delete("d")
    folder.delete("d")
    folder.delete_folder("a")
    assert folder.names(deep=True) == ["c"]


def test_a_store_in_a_bucket_gives_what_one_on_disk_gives(network: Proxy, tmp_path: object) -> None:
    far, near = ResultsFolder(url(network), create=True), ResultsFolder(f"{tmp_path}/near", create=True)
    made = list(records(STUDY, seeds=[0]))
    for store in (far, near):
        for record in made:
            store.write(record)
        store.studies.freeze(STUDY)
        for epochs in (3, 6, 9):
            store.save_checkpoint(made[0].id, epochs, bytes([epochs]) * 100)
        store.trials.gather()
        store.write(made[0])  # the same again is no change
    assert far.trials.on_record() == near.trials.on_record()
    assert list(far.trials.records()) == list(near.trials.records()) == sorted(made, key=lambda r: r.id)
    assert [s.to_dict() for s in far.studies.latest()] == [s.to_dict() for s in near.studies.latest()]
    assert list(far.checkpoints(made[0].id)) == list(near.checkpoints(made[0].id)) == [b"\t" * 100, b"\x06" * 100]
    far.drop_checkpoints(made[0].id)
    assert list(far.checkpoints(made[0].id)) == []
    assert far.trials.damage() == []


@pytest.mark.parametrize("fault", ["500", "503", "cut"])
@pytest.mark.parametrize("method", ["PUT", "GET", "HEAD"])
def test_trouble_that_passes_is_not_noticed(network: Proxy, fault: str, method: str) -> None:
    folder = Folder(url(network))
    network.fail_first(3, fault, method)  # type: ignore[arg-type]
    folder.write("x", b"whole")
    assert folder.read("x") == b"whole"
    assert folder.names() == ["x"]


def test_an_object_that_arrives_by_half_is_asked_for_again(network: Proxy) -> None:
    folder = Folder(url(network))
    folder.write("x", b"whole" * 10_000)
    network.fail_first(2, "half", "GET", "/x")
    assert folder.read("x") == b"whole" * 10_000


@pytest.mark.parametrize("seed", [0, 1])
def test_a_network_that_errs_at_random_changes_nothing(network: Proxy, tmp_path: object, seed: int) -> None:
    made = list(records(STUDY, seeds=[0, 1]))
    near = ResultsFolder(f"{tmp_path}/near", create=True)
    network.fail_at_random(seed)
    far = ResultsFolder(url(network), create=True)
    for store in (far, near):
        for record in made:
            store.write(record)
            store.save_checkpoint(record.id, 1, record.id.encode() * 100)
        store.trials.gather()
        store.studies.freeze(STUDY)
        for record in made[1:]:
            store.drop_checkpoints(record.id)
    assert list(far.trials.records()) == list(near.trials.records()) == sorted(made, key=lambda r: r.id)
    assert list(far.checkpoints(made[0].id)) == [made[0].id.encode() * 100]
    network.fault = lambda method, path: None
    assert far.folder.names(deep=True) == near.folder.names(deep=True)
    assert far.trials.damage() == []
    assert len(network.seen) > 50


def test_a_trial_whose_storage_dies_ends_in_one_line_and_goes_on_later(
    network: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.trainables.training.test_checkpoint import MemorySink, data, run
    from trainables.jobs.job import Job, JobOptions
    from trainables.jobs.job_runner import JobRunner

    monkeypatch.setattr("study.storage.durable_files.MAX_ATTEMPTS", 1)
    job = Job(SMALL.replace(epochs=4), (0,))
    undisturbed = run(job, memory := MemorySink())
    assert undisturbed.over
    store = ResultsFolder(url(network), create=True)
    options = JobOptions(checkpoint_seconds=0)
    first = JobRunner(job, data(), store, options)
    first.epoch()
    first.epoch()
    network.fault = lambda method, path: "500" if method == "PUT" else None
    with pytest.raises(StoreError, match="cannot write") as caught:
        first.epoch()
    assert "\n" not in str(caught.value)
    network.fault = lambda method, path: None
    again = JobRunner(job, data(), store, options)
    assert again.resumed_from == 2, "nothing that was saved is trained again"
    while not again.over:
        again.epoch()
    (record,) = store.trials.records()
    assert record.result_digest() == memory.records[record.id].result_digest()


def test_slow_storage_is_waited_for(network: Proxy) -> None:
    folder = Folder(url(network))
    network.fail_first(1, "slow", "PUT")
    folder.write("x", b"whole")
    assert folder.read("x") == b"whole"


def test_trouble_that_stays_ends_in_one_line_with_nothing_lost(network: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "study.storage.durable_files.MAX_ATTEMPTS", 1
    )  # Amazon's client tries for eight seconds of its own each time
    store = ResultsFolder(url(network), create=True)
    first, second, *_ = records(STUDY, seeds=[0])
    store.write(first)
    network.fault = lambda method, path: "500" if method == "PUT" else None
    with pytest.raises(StoreError, match="cannot write") as caught:
        store.write(second)
    assert "\n" not in str(caught.value)
    assert network.count("PUT", second.id) < 50, "there is a limit to trying"
    network.fault = lambda method, path: None
    assert [r.id for r in ResultsFolder(url(network)).trials.records()] == [first.id]
    store.write(second)
    assert len(store.trials.on_record()) == 2


def test_a_large_object_whose_upload_breaks_is_absent_or_refused(
    network: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("study.storage.durable_files.MAX_ATTEMPTS", 1)
    store = ResultsFolder(url(network), create=True)
    trial = "a" * 20
    store.save_checkpoint(trial, 1, b"early")
    network.fault = lambda method, path: "403" if method == "PUT" and "partNumber=2" in path else None
    with pytest.raises(StoreError):
        store.save_checkpoint(trial, 2, b"x" * 11_000_000)
    network.fault = lambda method, path: None
    assert list(store.checkpoints(trial)) == [b"early"], "what is half written is never read as whole"
    store.save_checkpoint(trial, 2, b"x" * 11_000_000)
    assert [len(c) for c in store.checkpoints(trial)] == [11_000_000, 5]


def test_no_permission_is_said_at_once(network: Proxy) -> None:
    folder = Folder(url(network))
    network.fault = lambda method, path: "403" if method == "PUT" else None
    with pytest.raises(StoreError, match="cannot write"):
        folder.write("x", b"1")
    assert network.count("PUT") == 1, "no use in asking again"
    with pytest.raises(StoreError, match="cannot write"):
        check_results(url(network))


def test_a_bucket_that_is_not_there_is_said_before_anything_is_paid_for(network: Proxy) -> None:
    with pytest.raises((BadInput, StoreError)) as caught:
        check_results(url(network, "no-such-bucket/run"))
    assert "\n" not in str(caught.value)


def test_a_small_file_is_one_request(network: Proxy) -> None:
    folder = Folder(url(network))
    folder.write("x", b"1")
    assert (network.count("PUT"), network.count("POST")) == (1, 0), "no upload in parts"


def test_the_write_check_leaves_nothing(network: Proxy) -> None:
    check_results(url(network))
    assert Folder(url(network)).names(deep=True) == []


def test_no_credentials_are_said_before_the_bucket_is_asked(network: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as bare:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            bare.delenv(name)
        for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
            bare.setenv(name, "/nowhere")
        with pytest.raises(BadInput, match=r"--results: got .*; there are no credentials for Amazon here"):
            check_results(url(network))
        with pytest.raises(BadInput) as caught:
            check_results("s3://AKIAEXAMPLE:hunter2@studies/run")
        assert "hunter2" not in str(caught.value)
        bare.setenv("AWS_PROFILE", "nobody")
        with pytest.raises(BadInput, match=r"AWS_PROFILE: got 'nobody'; .*could not be found"):
            check_results(url(network))
    assert network.seen == []


def test_secrets_in_a_url_are_refused(network: Proxy) -> None:
    with pytest.raises(BadInput, match="environment") as caught:
        Folder("s3://AKIAEXAMPLE:hunter2@studies/run")
    assert "hunter2" not in str(caught.value)


def test_whoever_asks_whether_a_bucket_may_be_written_leaves_nothing_that_a_run_is_refused_for(
    network: Proxy,
) -> None:
    check_results(url(network, "studies/asked"))
    assert Folder(url(network, "studies/asked")).top_names() == []
    ResultsFolder(url(network, "studies/asked"), create=True)
