"""`verify`: what is there is said, what is not is found."""

from servers.finished import Finished


def test_a_desk_in_order_is_said_to_be(finished: Finished) -> None:
    said = finished.asked("verify")
    assert said["flaws"] == []
    assert (said["letters"], said["unsettled"]) == (40, 0)
    assert said["tickets"] == finished.sql("SELECT count(*) FROM tickets")[0][0]
    assert "everything is there" in finished.run("verify")


def test_changed_and_lost_bytes_are_found_by_their_letters(finished: Finished) -> None:
    changed, lost = finished.blobs()[:2]
    changed.write_bytes(changed.read_bytes() + b"x")
    lost.unlink()
    names = {blob: id for id, blob in finished.sql("SELECT id, blob FROM letters")}
    said = finished.asked("verify", status=1)
    assert {(one["flaw"], one["id"]) for one in said["flaws"]} == {
        ("bytes-changed", names[f"{changed.parent.name}/{changed.name}"]),
        ("bytes-gone", names[f"{lost.parent.name}/{lost.name}"]),
    }
    assert "from the backup" in finished.run("verify", status=1)


def test_a_letter_without_its_end_is_found(finished: Finished) -> None:
    finished.sql("UPDATE letters SET reason = NULL WHERE state = 'automatic'")
    flaws = finished.asked("verify", status=1)["flaws"]
    assert {one["flaw"] for one in flaws} == {"no-end"}
    assert len(flaws) == finished.sql("SELECT count(*) FROM letters WHERE state = 'automatic'")[0][0]


def test_tables_of_a_newer_program_are_refused(finished: Finished) -> None:
    finished.sql("UPDATE alembic_version SET version_num = '9999'")
    assert "newer program" in finished.run("verify", status=78)
