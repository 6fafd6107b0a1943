"""The same line with PostgreSQL in place of SQLite: a person forgotten, nothing lost, nothing doubled."""

from __future__ import annotations

import pytest

from tests.local.world import CrmName
from tests.story import test_forgotten as forgotten
from tests.story import test_line as line
from tests.story import test_rebuild as rebuild
from tests.story.conftest import Connected


@pytest.mark.timeout(240)
@pytest.mark.parametrize("crm", line.CRMS)
def test_who_is_erased_in_the_crm_is_forgotten_in_every_table_of_postgresql(
    connected_on_postgresql: Connected, crm: CrmName
) -> None:
    forgotten.test_who_is_erased_in_the_crm_is_forgotten_in_every_store_within_a_minute(connected_on_postgresql, crm)


@pytest.mark.timeout(240)
def test_killed_workers_and_an_emptied_redis_lose_nothing_on_postgresql(connected_on_postgresql: Connected) -> None:
    line.test_a_worker_killed_three_times_and_an_emptied_redis_lose_and_double_nothing(connected_on_postgresql)


@pytest.mark.timeout(240)
def test_a_deleted_database_comes_back_on_postgresql(connected_on_postgresql: Connected) -> None:
    rebuild.rebuilt(connected_on_postgresql)
