"""What must be true once everything has calmed down: nothing is lost, and nothing happened twice."""

from collections import Counter

from tests.processes import wait_until

WAITING = """SELECT (SELECT count(*) FROM notifications WHERE channel = 'email' AND NOT is_sent)
                  + (SELECT count(*) FROM sandbox_deliveries WHERE delivered_at IS NULL)
                  + (SELECT count(*) FROM gateway_events WHERE applied_at IS NULL)"""
HURRY = "UPDATE sandbox_deliveries SET due_at = now() WHERE delivered_at IS NULL"
MAILS = "SELECT id::text FROM notifications WHERE channel = 'email' AND created_at >= %s"
TWICE = """SELECT payment_id FROM gateway_events WHERE outcome = 'applied' AND subject = 'payment'
           GROUP BY payment_id HAVING count(*) > 1"""
UNTOLD = """SELECT r.id FROM {table} r LEFT JOIN audit_entries a
                ON a.entity_type = '{entity}' AND a.entity_id = r.id::text AND a.action = 'create'
            WHERE r.created_at >= %s GROUP BY r.id HAVING count(a.id) <> 1"""
TOLD = {"bookings": "booking", "booking_events": "booking_event", "quotations": "quotation", "payments": "payment"}
FAILED = "SELECT task, result FROM task_runs WHERE has_failed"


def settle(platform, seconds=60):
    """Wait until nothing is left to do."""

    def is_done():
        platform.sql(HURRY)
        return platform.value(WAITING) == 0

    wait_until(is_done, seconds)


def check_mails(platform, mailbox, *, repeated=0):
    """Every mail was sent; at most so many were sent again, under the same id."""
    sent = Counter(mail["Message-ID"].strip("<>").partition("@")[0] for mail in mailbox.parsed())
    assert set(sent) == {pk for (pk,) in platform.sql(MAILS, mailbox.since)}
    assert sum(sent.values()) - len(sent) <= repeated


def check_money(platform, *cases):
    """What was paid was booked once, with one receipt a payment and one invoice a booking."""
    assert platform.sql(TWICE) == []
    for case in cases:
        booking = case.booking
        assert (booking["balance"], booking["amount_paid"]) == ("0.00", booking["total_amount"])
        assert booking["payment_status"] == "payment_completed"
        moves = case.moves()
        assert moves == list(dict.fromkeys(moves)), "no move twice"
        for table in ("invoices", "payments", "receipts JOIN payments p ON p.id = payment_id"):
            column = "p.booking_id" if "JOIN" in table else "booking_id"
            assert platform.value(f"SELECT count(*) FROM {table} WHERE {column} = %s", case.id) == 1, table


def check_trail(platform, since):
    """What happened since then is in the audit trail, each row once; the trail is whole, and so is its copy."""
    for table, entity in TOLD.items():
        assert platform.sql(UNTOLD.format(table=table, entity=entity), since) == [], f"{table} and the trail differ"
    wait_until(lambda: '"is_whole": true' in (found := verify(platform)) and '"notes": []' in found, 60)


def verify(platform):
    """Return what `verify_audit` says of the trail and its copy."""
    return platform.manage("verify_audit", "--copies", "--json").stdout
