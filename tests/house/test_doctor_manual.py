"""The manual says what the doctor says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.doctor.tables import DOCUMENTS, table_in, tables

REMEDY = "write them anew with: .venv/bin/python -m tests.doctor.tables"


@pytest.mark.parametrize(("document", "name"), DOCUMENTS, ids=lambda part: getattr(part, "name", part))
def test_its_tables_are_the_doctors_own_words(document: Path, name: str) -> None:
    assert table_in(document.read_text(), name) == tables()[name], REMEDY
