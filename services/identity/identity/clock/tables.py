"""Table of the clock."""

from sqlalchemy import BigInteger, Column, MetaData, SmallInteger, Table

from chassis.privacy import nothing

METADATA = MetaData()

# One row, or none while the clock was never set back.
offset = Table(
    "clock_offset",
    METADATA,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("seconds", BigInteger, nullable=False),
)

RECORDS = (nothing(offset),)
