"""Transfers of relations 关系转接: submitted, released by the source, received by the target."""
