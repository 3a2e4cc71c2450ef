"""Journeys of a candidate: from the start of an exam to its report, whatever comes between."""

from __future__ import annotations

from tests.journeys.world import World


def test_a_guest_sits_a_whole_exam_and_reads_report_and_review(world: World) -> None:
    guest = world.browser()
    assert guest.get("/").status_code == 200
    assert guest.get("/exams/short").status_code == 200
    sitting = guest.start()
    assert guest.get(sitting.path).status_code == 200
    sitting.answer(right=4)
    assert guest.get(f"{sitting.path}/end").status_code == 200
    assert sitting.end().headers["location"] == sitting.report
    report = guest.get(sitting.report)
    assert report.status_code == 200
    assert "4 of 6 right" in report.text
    review = guest.get(f"{sitting.report}/review")
    assert review.status_code == 200
    assert review.text.count('class="review-item"') == 6
