"""The control: what an ordinary team would have built for the same two inserts.

One FastAPI process, SQLAlchemy's async ORM, a pool of 40 connections. No authentication, no tenants enforced
by the database, no events, no gateway: everything it leaves out makes it faster.
"""
