"""The SQLite store keeps the contract of the port."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("store_contract", "store_contract_alerts", "store_contract_push")

from store_contract import StoreContract  # noqa: E402 - its asserts are to be rewritten first


class TestSqliteStore(StoreContract):
    """``store`` and ``clock`` are the fixtures of this folder."""
