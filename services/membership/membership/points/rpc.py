"""Points over gRPC: parse, call, convert."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from google.protobuf.timestamp_pb2 import Timestamp
from grpc.aio import ServicerContext

from chassis.ids import new_id
from chassis.pages import page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork
from louyu.membership.v1 import points_pb2 as pb
from membership.points import commands, queries, rules
from membership.points.events import ACTIVITY, KIND, PERIOD, PROPOSAL, SOURCE
from membership.points.rpc_sharing import Sharing
from membership.points.rules import RuleVersion, Settings, Source
from membership.points.settings import SETTINGS

Context = ServicerContext[Any, Any]
_DEFAULTS: Final = "louyu-default"
_OWN: Final = "building"


class Points(Sharing):
    """Serves louyu.membership.v1.PointsService; what members choose to show is in `rpc_sharing`."""

    async def GetMyPoints(self, request: pb.GetMyPointsRequest, context: Context) -> pb.PointsAccount:
        async def work(reader: Reader) -> pb.PointsAccount:
            row = await queries.mine(reader)
            return to_account(row) if row is not None else pb.PointsAccount()

        return await self._units.query(work)

    async def OpenMyPoints(self, request: pb.OpenMyPointsRequest, context: Context) -> pb.PointsAccount:
        async def work(unit: UnitOfWork) -> pb.PointsAccount:
            return to_account(await commands.open_mine(unit))

        return await self._units.command(request, pb.PointsAccount, work)

    async def ListMyPointsEntries(
        self, request: pb.ListMyPointsEntriesRequest, context: Context
    ) -> pb.ListPointsEntriesResponse:
        async def work(reader: Reader) -> pb.ListPointsEntriesResponse:
            row = await queries.mine(reader)
            return await self._entries(reader, request, row.id) if row else pb.ListPointsEntriesResponse()

        return await self._units.query(work)

    async def ListPointsEntries(
        self, request: pb.ListPointsEntriesRequest, context: Context
    ) -> pb.ListPointsEntriesResponse:
        async def work(reader: Reader) -> pb.ListPointsEntriesResponse:
            row = await queries.account(reader, request.id)
            return await self._entries(reader, request, row.id)

        return await self._units.query(work)

    async def _entries(
        self,
        reader: Reader,
        request: pb.ListMyPointsEntriesRequest | pb.ListPointsEntriesRequest,
        account_id: str,
    ) -> pb.ListPointsEntriesResponse:
        size = page_size(request.page_size)
        rows = await queries.entries_page(reader, account_id, self._pages.decode(request), size)
        return pb.ListPointsEntriesResponse(
            entries=[to_entry(row) for row in rows[:size]],
            next_page_token=self._more(request, rows, size, "id"),
        )

    async def ListPointsRules(
        self, request: pb.ListPointsRulesRequest, context: Context
    ) -> pb.ListPointsRulesResponse:
        async def work(reader: Reader) -> pb.ListPointsRulesResponse:
            rows = await queries.rule_rows_of(reader)
            if not request.history:
                rows = _current(rows, reader.now)
            latest = {row.id: row.version for row in reversed(rows)}
            shown = [to_rule(row, latest=latest[row.id] == row.version) for row in rows]
            return pb.ListPointsRulesResponse(rules=shown)

        return await self._units.query(work)

    async def SetPointsRule(self, request: pb.SetPointsRuleRequest, context: Context) -> pb.PointsRule:
        async def work(unit: UnitOfWork) -> pb.PointsRule:
            row = await commands.set_rule(unit, _rule(request, unit.now))
            return to_rule(row, latest=True)

        return await self._units.command(request, pb.PointsRule, work)

    async def ListPointsAccounts(
        self, request: pb.ListPointsAccountsRequest, context: Context
    ) -> pb.ListPointsAccountsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListPointsAccountsResponse:
            after = self._pages.decode(request)
            rows = await queries.accounts_page(reader, request.number, after, size)
            return pb.ListPointsAccountsResponse(
                accounts=[to_account(row) for row in rows[:size]],
                next_page_token=self._more(request, rows, size, "number"),
            )

        return await self._units.query(work)

    async def GetPointsAccount(
        self, request: pb.GetPointsAccountRequest, context: Context
    ) -> pb.PointsAccount:
        async def work(reader: Reader) -> pb.PointsAccount:
            return to_account(await queries.account(reader, request.id))

        return await self._units.query(work)

    async def PostPoints(self, request: pb.PostPointsRequest, context: Context) -> pb.PointsEntry:
        async def work(unit: UnitOfWork) -> pb.PointsEntry:
            entry = await commands.post_by_hand(unit, request.id, request.delta, request.reason)
            return to_entry(await queries.entry(unit, entry.id))

        return await self._units.command(request, pb.PointsEntry, work)

    async def ReversePoints(self, request: pb.ReversePointsRequest, context: Context) -> pb.PointsEntry:
        async def work(unit: UnitOfWork) -> pb.PointsEntry:
            entry = await commands.reverse(unit, request.id, request.reason)
            return to_entry(await queries.entry(unit, entry.id))

        return await self._units.command(request, pb.PointsEntry, work)

    async def ProposePoints(self, request: pb.ProposePointsRequest, context: Context) -> pb.PointsProposal:
        async def work(unit: UnitOfWork) -> pb.PointsProposal:
            made = await commands.propose(unit, request.number, request.delta, request.reason)
            return to_proposal(await queries.proposal(unit, made))

        return await self._units.command(request, pb.PointsProposal, work)

    async def ListPointsProposals(
        self, request: pb.ListPointsProposalsRequest, context: Context
    ) -> pb.ListPointsProposalsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListPointsProposalsResponse:
            after = self._pages.decode(request)
            rows = await queries.proposals_page(reader, PROPOSAL.word(request.state), after, size)
            return pb.ListPointsProposalsResponse(
                proposals=[to_proposal(row) for row in rows[:size]],
                next_page_token=self._more(request, rows, size, "id"),
            )

        return await self._units.query(work)

    async def AcceptPointsProposal(
        self, request: pb.AcceptPointsProposalRequest, context: Context
    ) -> pb.PointsProposal:
        async def work(unit: UnitOfWork) -> pb.PointsProposal:
            await commands.accept(unit, request.id)
            return to_proposal(await queries.proposal(unit, request.id))

        return await self._units.command(request, pb.PointsProposal, work)

    async def DeclinePointsProposal(
        self, request: pb.DeclinePointsProposalRequest, context: Context
    ) -> pb.PointsProposal:
        async def work(unit: UnitOfWork) -> pb.PointsProposal:
            await commands.decline(unit, request.id)
            return to_proposal(await queries.proposal(unit, request.id))

        return await self._units.command(request, pb.PointsProposal, work)

    async def ListPointsBrands(
        self, request: pb.ListPointsBrandsRequest, context: Context
    ) -> pb.ListPointsBrandsResponse:
        async def work(reader: Reader) -> pb.ListPointsBrandsResponse:
            versions = [queries.version_of(row) for row in await queries.rule_rows_of(reader)]
            using = {rule.brand for rule in rules.in_force(versions, reader.now) if rule.brand}
            attended, posted = await queries.brands(reader)
            return pb.ListPointsBrandsResponse(brands=to_brands(attended, posted, using))

        return await self._units.query(work)

    async def GetPointsTotals(self, request: pb.GetPointsTotalsRequest, context: Context) -> pb.PointsTotals:
        async def work(reader: Reader) -> pb.PointsTotals:
            rows = await queries.totals(reader)
            return pb.PointsTotals(
                earned=sum(row.earned for row in rows),
                redeemed=sum(row.redeemed for row in rows),
                members=len(rows),
                median_balance=rules.median_balance([row.balance for row in rows]),
            )

        return await self._units.query(work)

    async def GetPointsSettings(
        self, request: pb.GetPointsSettingsRequest, context: Context
    ) -> pb.PointsSettings:
        async def work(reader: Reader) -> pb.PointsSettings:
            return to_settings(await SETTINGS.current(reader))

        return await self._units.query(work)

    async def UpdatePointsSettings(
        self, request: pb.UpdatePointsSettingsRequest, context: Context
    ) -> pb.PointsSettings:
        figures = {name: getattr(request, name) for name in rules.FIGURES}

        async def work(unit: UnitOfWork) -> pb.PointsSettings:
            return to_settings(await commands.change_settings(unit, request.etag, figures))

        return await self._units.command(request, pb.PointsSettings, work)

    def _more(self, request: Any, rows: Sequence[Row], size: int, key: str) -> str:
        return self._pages.encode(request, [rows[size - 1][key]]) if len(rows) > size else ""


def _rule(request: pb.SetPointsRuleRequest, now: datetime) -> RuleVersion:
    begins = request.from_time.ToDatetime(UTC) if request.HasField("from_time") else now
    until = request.until_time.ToDatetime(UTC) if request.HasField("until_time") else None
    return RuleVersion(
        id=request.id or new_id(),
        version=request.version,
        title=request.title,
        source=Source(SOURCE.word(request.source)),
        activity_kind=ACTIVITY.word(request.activity_kind),
        brand=request.brand.strip(),
        delta=request.delta,
        cap=request.cap,
        cap_period=PERIOD.word(request.cap_period),
        from_at=begins,
        until_at=begins if request.retired else until,
    )


def _current(rows: Sequence[Row], now: datetime) -> list[Row]:
    """Of each rule what holds now and what is to hold; nothing of a rule that has ended."""
    versions = [queries.version_of(row) for row in rows]
    holding = {(one.id, one.version) for one in rules.in_force(versions, now)}
    return [
        row
        for row in rows
        if (row.id, row.version) in holding
        or (row.from_at > now and (row.until_at is None or row.until_at > row.from_at))
    ]


def to_account(row: Row) -> pb.PointsAccount:
    """A row as its message."""
    return pb.PointsAccount(
        id=row.id,
        number=row.number,
        account=row.account or "",
        balance=row.balance,
        earned=row.earned,
        redeemed=row.redeemed,
        create_time=row.created_at,
    )


def to_entry(row: Row) -> pb.PointsEntry:
    """A row as its message."""
    return pb.PointsEntry(
        id=row.id,
        account_id=row.member,
        kind=KIND.number(row.kind),
        delta=row.delta,
        balance_after=row.balance_after,
        title=row.title,
        brand=row.brand,
        rule_id=row.rule_id or "",
        rule_version=row.rule_version,
        source_id=row.source_id or "",
        reverses=row.reverses or "",
        reversed_by=row.reversed_by or "",
        posted_by=row.posted_by,
        occur_time=row.occurred_at,
        create_time=row.created_at,
    )


def to_rule(row: Row, *, latest: bool) -> pb.PointsRule:
    """A row as its message."""
    return pb.PointsRule(
        id=row.id,
        version=row.version,
        title=row.title,
        source=SOURCE.number(row.source),
        activity_kind=ACTIVITY.number(row.activity_kind),
        brand=row.brand,
        delta=row.delta,
        cap=row.cap,
        cap_period=PERIOD.number(row.cap_period),
        from_time=row.from_at,
        until_time=row.until_at,
        set_by=row.set_by,
        create_time=row.created_at,
        latest=latest,
    )


def to_proposal(row: Row) -> pb.PointsProposal:
    """A row as its message."""
    return pb.PointsProposal(
        id=row.id,
        account_id=row.points_account,
        number=row.number,
        account=row.account or "",
        delta=row.delta,
        reason=row.reason,
        state=PROPOSAL.number(row.state),
        proposed_by=row.created_by,
        decided_by=row.decided_by,
        create_time=row.created_at,
        decide_time=row.decided_at,
    )


def to_brands(attended: Sequence[Row], posted: Sequence[Row], using: set[str]) -> list[pb.PointsBrand]:
    """What each brand brought; brands that only have a rule so far are there as well."""
    points: Mapping[str, int] = {row.brand: row.points for row in posted}
    known = {row.brand: row for row in attended}
    shown = []
    for brand in sorted(known.keys() | using):
        row = known.get(brand)
        shown.append(
            pb.PointsBrand(
                brand=brand,
                uses_points=brand in using,
                activities=row.activities if row else 0,
                attendances=row.attendances if row else 0,
                people=row.people if row else 0,
                points=points.get(brand, 0),
            )
        )
    return shown


def to_settings(settings: Settings) -> pb.PointsSettings:
    """The figures with their source."""
    shown = pb.PointsSettings(
        etag=str(settings.version),
        source=_OWN if settings.version else _DEFAULTS,
        **{name: getattr(settings, name) for name in rules.FIGURES},
    )
    if settings.created_at is not None:
        moment = Timestamp()
        moment.FromDatetime(settings.created_at)
        shown.create_time.CopyFrom(moment)
    return shown
