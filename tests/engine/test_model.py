"""Only a model that the manifest names, with the hash it names, is loaded."""

import pytest

from bot.engine.model import GATE_FILE, ModelError, checked_model, read_manifest, write_manifest


@pytest.fixture
def models(tmp_path):
    (tmp_path / "a.tar.gz").write_bytes(b"model")
    (tmp_path / GATE_FILE).write_bytes(b"gate")
    write_manifest(tmp_path, tmp_path / "a.tar.gz", "source")
    return tmp_path


def test_the_model_of_the_manifest_is_loaded(models):
    assert checked_model(models) == str(models / "a.tar.gz")


def test_a_changed_model_is_refused(models):
    (models / "a.tar.gz").write_bytes(b"another")
    with pytest.raises(ModelError, match="make train"):
        checked_model(models)


def test_a_missing_model_is_refused_although_another_lies_there(models):
    (models / "a.tar.gz").rename(models / "b.tar.gz")
    with pytest.raises(ModelError, match="missing"):
        checked_model(models)


def test_without_a_manifest_nothing_is_loaded(tmp_path):
    (tmp_path / "a.tar.gz").write_bytes(b"model")
    with pytest.raises(ModelError, match="no trained model"):
        checked_model(tmp_path)


def test_a_broken_manifest_counts_as_none(models):
    (models / "manifest.json").write_text("{")
    assert read_manifest(models) is None


def test_another_model_of_the_safety_gate_is_refused(models):
    (models / GATE_FILE).write_bytes(b"another")
    with pytest.raises(ModelError, match="safety gate"):
        checked_model(models)
