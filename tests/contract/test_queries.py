"""A list costs the same number of queries whether it shows one row or three."""

import pytest

from tests.contract.call import call_of, send
from tests.contract.routes import operations
from tests.contract.rows import ADDERS
from tests.contract.table import somebody_who_may
from tests.contract.world import taken_back
from tests.counting import queries

LISTS = [operation for operation in operations() if operation.is_list]


def test_no_adder_is_left_over():
    assert set(ADDERS) == {operation.name for operation in LISTS}


@pytest.mark.django_db
@pytest.mark.parametrize("operation", LISTS, ids=str)
def test_one_row_costs_what_three_cost(operation, world):
    assert operation.name in ADDERS, f"say in tests/contract/rows.py how {operation.name} gets one more row"
    caller = somebody_who_may(operation.name)

    def read(limit):
        call = call_of(operation, world, caller)
        query = "&".join(filter(None, [call.query, f"limit={limit}"]))
        answer = send(operation, call.asking(query), world, caller)
        assert answer.status_code == 200, answer.content
        return answer.json()

    with taken_back():
        for _row in range(4):
            if read(100)["meta"]["total"] < 4:
                ADDERS[operation.name](world)
        assert read(100)["meta"]["total"] >= 4, "the adder adds no row that the reader sees"
        assert (len(read(1)["data"]), len(read(3)["data"])) == (1, 3)
        assert queries(lambda: read(1)) == queries(lambda: read(3))
