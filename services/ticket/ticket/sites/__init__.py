"""The places that are looked after 点位."""
