"""The mail sink against a real SMTP client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest_asyncio

from deploy.local.mail_sink import Sink


@pytest_asyncio.fixture
async def port(tmp_path: Path) -> AsyncIterator[int]:
    """Where the sink listens."""
    server = await asyncio.start_server(Sink(tmp_path).converse, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def test_a_message_arrives_whole(port: int, tmp_path: Path) -> None:
    letter = EmailMessage()
    letter["From"], letter["To"] = "desk@example.org", "演示 <a@example.org>"
    letter["Subject"] = "您的申请已受理"
    letter.set_content("第一行\n.\n..两个点\n")
    await aiosmtplib.send(letter, hostname="127.0.0.1", port=port)
    (kept,) = tmp_path.glob("*.eml")
    read = message_from_bytes(kept.read_bytes(), policy=policy.default)
    assert kept.name.endswith("a@example.org.eml")
    assert read["Subject"] == "您的申请已受理"
    assert read.get_content().splitlines() == ["第一行", ".", "..两个点"]


async def test_several_messages_in_one_session(port: int, tmp_path: Path) -> None:
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port) as client:
        for number in range(3):
            await client.sendmail("a@example.org", [f"{number}@example.org"], f"Subject: {number}\r\n\r\nx")
    assert len(list(tmp_path.glob("*.eml"))) == 3
