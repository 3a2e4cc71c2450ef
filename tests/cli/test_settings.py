"""Settings from the environment: what cannot be meant is refused by the name of its variable."""

from __future__ import annotations

import pytest

from app.errors import Invalid
from app.settings import from_environment


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CUTSCORE_PORT", "http"),
        ("CUTSCORE_UPLOAD_MB", "1000"),
        ("CUTSCORE_JOBS", "0"),
        ("CUTSCORE_BASE_URL", "exam.example.org"),
        ("CUTSCORE_GUESTS", "perhaps"),
        ("CUTSCORE_LOG", "xml"),
        ("CUTSCORE_METRICS_TOKEN", "short"),
        ("CUTSCORE_METRICS_TOKEN", "a tökén of sixteen letters"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(Invalid, match=name):
        from_environment({name: value})


def test_jobs_at_once_are_as_they_are_set() -> None:
    assert [from_environment({"CUTSCORE_JOBS": said}).jobs for said in ("", "1", "32")] == [2, 1, 32]


def test_logs_and_metrics_are_as_they_are_set() -> None:
    assert (from_environment({}).log, from_environment({}).metrics_token) == ("text", "")
    made = from_environment({"CUTSCORE_LOG": "json", "CUTSCORE_METRICS_TOKEN": "a-long-random-word"})
    assert (made.log, made.metrics_token) == ("json", "a-long-random-word")
