"""Imports of the enterprise ledger on a real database."""

import asyncio
import contextlib
from dataclasses import replace
from typing import Any

import pytest

from chassis.errors import Invalid, NotFound, Stale, Unavailable, WrongState
from chassis.ids import new_id
from louyu.membership.v1 import enterprises_pb2 as epb
from louyu.membership.v1 import imports_pb2 as pb
from membership.imports import commands, jobs, workbook
from tests.integration.membership.conftest import Building, ledger

CODE = "91350100M000100Y43"
GOOD: list[list[object]] = [
    ["新华保险集团", CODE, "保险", "29层", "2901", "是", 85, "2026-03-01"],
    ["睿凡教育", None, "教育培训", 9, None, "有", "30人", None],
    ["地下超市", None, "零售", "负一层", None, "否", None, None],
]
BAD: list[list[object]] = [
    [None, None, "保险", "3", None, None, None, None],
    ["没有楼层的公司", None, None, None, None, None, None, None],
    ["楼层不明", None, None, "天台", None, "也许", "若干", "2099-01-01"],
    ["错码公司", "91350100M000100Y40", None, "3", None, None, None, None],
    ["睿凡 教育", None, None, "9F", None, None, None, None],
    ["合计", None, None, None, None, None, 115, None],
]


def counts(found: pb.ImportCounts) -> tuple[int, int, int, int]:
    return found.created, found.updated, found.unchanged, found.rejected


@pytest.mark.row("1-02/MEM", partial=True)
async def test_malformed_rows_are_reported_and_the_rest_imported(building: Building) -> None:
    ledger_import = await building.imported(GOOD + BAD)
    assert counts(ledger_import.state.expected) == (3, 0, 0, 5)
    assert await building.listed() == []
    wrong = {
        (row.sheet, row.row): {(p.column, p.field, p.reason) for p in row.problems}
        for row in await ledger_import.rows(problems_only=True)
    }
    assert wrong == {
        ("企业台账", 6): {("A", "name", "FIELD_MISSING")},
        ("企业台账", 7): {("D", "floor", "FIELD_MISSING")},
        ("企业台账", 8): {
            ("D", "floor", "FLOOR_INVALID"),
            ("F", "branch", "YES_OR_NO_EXPECTED"),
            ("G", "headcount", "HEADCOUNT_INVALID"),
            ("H", "surveyed_on", "DATE_IN_FUTURE"),
        },
        ("企业台账", 9): {("B", "credit_code", "CREDIT_CODE_INVALID")},
        ("企业台账", 10): {("A", "name", "ROW_REPEATS")},
    }
    done = await ledger_import.finish()
    assert done.state == pb.IMPORT_STATE_DONE
    assert counts(done.result) == (3, 0, 0, 5)
    assert (done.total_rows, done.done_rows) == (8, 8)
    found = {e.name: e for e in await building.listed()}
    assert set(found) == {"新华保险集团", "睿凡教育", "地下超市"}
    assert found["新华保险集团"].floor == "29"
    assert found["新华保险集团"].HasField("survey_time")
    assert found["地下超市"].floor == "B1"
    (event,) = await building.told("ImportFinished")
    assert counts(event.result) == (3, 0, 0, 5)


async def test_problems_are_said_in_the_readers_language(building: Building) -> None:
    ledger_import = await building.imported(BAD[1:2])
    (chinese,) = await ledger_import.rows()
    (english,) = await ledger_import.rows(building.context(locale="en"))
    assert chinese.problems[0].message == "这一栏必须填写。"
    assert english.problems[0].message == "This must be filled in."


async def test_the_same_ledger_again_makes_no_twins(building: Building) -> None:
    await (await building.imported(GOOD)).finish()
    again = await building.imported(GOOD)
    assert counts(again.state.expected) == (0, 0, 3, 0)
    assert counts((await again.finish()).result) == (0, 0, 3, 0)
    changed: list[list[object]] = [
        ["新华人寿保险集团", CODE, "保险", "30", None, None, None, None],
        GOOD[1],
        GOOD[2],
    ]
    assert counts((await (await building.imported(changed)).finish()).result) == (0, 1, 2, 0)
    found = await building.listed(q="新华")
    assert [(e.name, e.floor, e.room) for e in found] == [("新华人寿保险集团", "30", "2901")]
    assert [former.name for former in found[0].former_names] == ["新华保险集团"]
    assert len(await building.told("EnterpriseRegistered")) == 3


async def test_a_killed_import_goes_on_where_it_was(building: Building) -> None:
    rows: list[list[object]] = [
        [f"演示企业{n:03d}", None, "互联网", n % 30 + 1, None, None, None, None] for n in range(152)
    ]
    ledger_import = await building.imported(rows)
    await ledger_import.start()
    context = building.units.job_context(jobs.RUN, building.tenant)

    async def killed_in_the_middle(unit: Any) -> int:
        await commands.import_chunk(unit, ledger_import.state.id)
        raise asyncio.CancelledError

    async def chunk(unit: Any) -> int:
        return await commands.import_chunk(unit, ledger_import.state.id)

    await building.units.run(context, chunk)
    with contextlib.suppress(asyncio.CancelledError):
        await building.units.run(context, killed_in_the_middle)
    halfway = await ledger_import.refresh()
    assert (halfway.done_rows, halfway.result.created) == (commands.CHUNK, commands.CHUNK)

    async def go_on() -> None:
        while True:
            # Who waits too long for the other's chunk is told to come again, as a job does in its turn.
            with contextlib.suppress(Unavailable):
                await jobs.run_imports().run(building.units)
                return

    # Two processes that both believe they are the one to go on do not do it twice.
    await asyncio.gather(go_on(), go_on())
    done = await ledger_import.refresh()
    assert counts(done.result) == (152, 0, 0, 0)
    (stored,) = await building.stored("SELECT count(*) AS n FROM enterprises_enterprises")
    assert stored["n"] == 152
    assert len(await building.told("EnterpriseRegistered")) == 152
    assert len(await building.told("ImportFinished")) == 1


async def test_a_row_that_was_taken_meanwhile_is_reported_not_doubled(building: Building) -> None:
    ledger_import = await building.imported(GOOD)
    await building.register("新华保险集团", "29", credit_code="")
    body = await building.register("别家", "40", credit_code=CODE)
    assert body.credit_code == CODE
    done = await ledger_import.finish()
    assert counts(done.result) == (2, 0, 0, 1)
    (rejected,) = await ledger_import.rows(problems_only=True)
    assert [problem.reason for problem in rejected.problems] == ["ROW_MATCHES_TWO"]


async def test_columns_are_chosen_and_remembered(building: Building) -> None:
    headings = ["序", "商号", "几楼", "电话"]
    content = ledger([[1, "老字号", "3楼", "13812345678"]], headings)

    async def upload() -> pb.Import:
        request = pb.CreateImportRequest(kind=pb.IMPORT_KIND_ENTERPRISES, file=building.upload(content))
        found: pb.Import = await building.call(building.imports.CreateImport, request)
        return found

    made = await upload()
    assert [column.field for column in made.sheets[0].columns] == ["", "", "", ""]
    assert "13812345678" not in str(made)
    check = pb.CheckImportRequest(id=made.id, etag=made.etag)
    with pytest.raises(Invalid) as refused:
        await building.call(building.imports.CheckImport, check)
    assert refused.value.reason == "MAPPING_INVALID"
    for column, field in (("B", "name"), ("C", "floor")):
        check.columns.add(sheet="企业台账", column=column, field=field)
    checked = await building.call(building.imports.CheckImport, check)
    assert counts(checked.expected) == (1, 0, 0, 0)
    run = pb.RunImportRequest(id=made.id, etag=checked.etag)
    await building.call(building.imports.RunImport, run)
    await building.work()
    again = await upload()
    assert [(c.field, c.source) for c in again.sheets[0].columns][1:3] == [
        ("name", "remembered"),
        ("floor", "remembered"),
    ]
    dump = await building.stored(
        "SELECT i::text AS row FROM imports_imports i UNION ALL SELECT r::text FROM imports_rows r"
    )
    assert not any("13812345678" in row["row"] for row in dump)


async def test_the_workbook_is_removed_when_it_is_not_needed_any_more(building: Building) -> None:
    await (await building.imported(GOOD)).finish()
    assert [path for path in building.folder.rglob("*") if path.is_file()] == []


async def test_verbs_follow_the_state(building: Building) -> None:
    ledger_import = await building.imported(GOOD)
    stale = pb.RunImportRequest(id=ledger_import.state.id, etag="1")
    with pytest.raises(Stale):
        await building.call(building.imports.RunImport, stale)
    discard = pb.DiscardImportRequest(id=ledger_import.state.id)
    dropped = await building.call(building.imports.DiscardImport, discard)
    assert list(dropped.verbs) == []
    with pytest.raises(WrongState):
        await building.call(building.imports.RunImport, pb.RunImportRequest(id=dropped.id, etag=dropped.etag))


async def test_what_is_no_workbook_is_refused_by_its_reason(building: Building) -> None:
    for content, reason in (
        (b"hello", "WORKBOOK_UNREADABLE"),
        (b"0" * (workbook.MAX_FILE_BYTES + 1), "WORKBOOK_TOO_LARGE"),
    ):
        request = pb.CreateImportRequest(kind=pb.IMPORT_KIND_ENTERPRISES, file=building.upload(content))
        with pytest.raises(Invalid) as refused:
            await building.call(building.imports.CreateImport, request)
        assert [(wrong.field, wrong.reason) for wrong in refused.value.fields] == [("file", reason)]


async def test_somebody_elses_upload_is_refused(building: Building) -> None:
    for other in ({"tenant_id": new_id()}, {"uploader": new_id()}):
        reference = building.upload(ledger(GOOD), **other)
        request = pb.CreateImportRequest(kind=pb.IMPORT_KIND_ENTERPRISES, file=reference)
        with pytest.raises(Invalid) as refused:
            await building.call(building.imports.CreateImport, request)
        assert refused.value.reason == "FILE_REFERENCE_INVALID"


async def test_another_building_sees_no_import(building: Building) -> None:
    ledger_import = await building.imported(GOOD)
    elsewhere = replace(building.context(), tenant_id=new_id())
    for method, request in (
        (building.imports.GetImport, pb.GetImportRequest(id=ledger_import.state.id)),
        (building.imports.ListImportRows, pb.ListImportRowsRequest(id=ledger_import.state.id)),
        (building.imports.RunImport, pb.RunImportRequest(id=ledger_import.state.id, etag="2")),
    ):
        with pytest.raises(NotFound):
            await building.call(method, request, elsewhere)


async def test_the_template_is_a_workbook_that_needs_no_mapping(building: Building) -> None:
    body = await building.call(building.imports.ExportTemplate, pb.ExportTemplateRequest())
    request = pb.CreateImportRequest(kind=pb.IMPORT_KIND_ENTERPRISES, file=building.upload(body.data))
    made = await building.call(building.imports.CreateImport, request)
    assert all(column.field for column in made.sheets[0].columns)
    check = pb.CheckImportRequest(id=made.id, etag=made.etag)
    assert (await building.call(building.imports.CheckImport, check)).expected.created == 1
    assert epb.Industry.Name(epb.INDUSTRY_INTERNET)
